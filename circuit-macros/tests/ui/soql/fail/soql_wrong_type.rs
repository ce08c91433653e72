use circuit_core::prelude::*;

fn main() {
    let _ = soql!("SELECT Id FROM Contact WHERE CreatedDate = 2026-01-01");
}
