use circuit_core::prelude::*;

fn main() {
    let _ = soql!("SELECT Id, FROM Contact WHERE Email LIKE 5 LIMIT many");
}
