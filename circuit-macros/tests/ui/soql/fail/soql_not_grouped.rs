use circuit_core::prelude::*;

fn main() {
    let _ = soql!("SELECT Name, COUNT(Id) FROM Account GROUP BY Industry");
}
