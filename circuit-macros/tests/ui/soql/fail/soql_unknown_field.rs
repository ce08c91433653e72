use circuit_core::prelude::*;

fn main() {
    let _ = soql!("SELECT Id, Emial FROM Contact");
}
