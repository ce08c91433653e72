use circuit_core::prelude::*;

fn main() {
    let _ = soql!("SELECT Id FROM Contact WHERE Id = :id", id);
}
