use circuit_core::prelude::*;

fn main() {
    struct Owner;
    let _ = soql!("SELECT Id FROM Contact WHERE OwnerId = :owner", owner = Owner);
}
