use circuit_core::prelude::*;

fn main() {
    let _ = soql!(r#"SELECT Id FROM Contact WHERE Name = "x""#);
}
