use circuit_core::prelude::*;

fn main() {
    let query = "SELECT Id FROM Contact";
    let _ = soql!(query);
}
