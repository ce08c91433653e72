use circuit_core::prelude::*;

fn main() {
    let _ = soql!("SELECT Acount.Name FROM Contact");
}
