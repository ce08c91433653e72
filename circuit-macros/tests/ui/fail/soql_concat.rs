use circuit_core::prelude::*;

fn main() {
    let _ = soql!(concat!("SELECT Id ", "FROM Contact"));
}
