use circuit_core::prelude::*;

fn main() {
    let _ = soql!("SELECT CONT(Id) FROM Contact");
}
