use circuit_core::prelude::*;

fn main() {
    let _ = soql!("SELECT Id, (SELECT Id FROM Contact) FROM Account");
}
