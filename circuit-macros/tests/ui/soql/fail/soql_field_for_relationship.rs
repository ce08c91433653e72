use circuit_core::prelude::*;

fn main() {
    let _ = soql!("SELECT AccountId.Name FROM Contact");
}
