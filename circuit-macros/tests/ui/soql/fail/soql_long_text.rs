use circuit_core::prelude::*;

fn main() {
    let _ = soql!("SELECT Id FROM Account WHERE Description LIKE '%x%'");
}
