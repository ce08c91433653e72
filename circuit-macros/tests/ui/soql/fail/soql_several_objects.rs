use circuit_core::prelude::*;

fn main() {
    let _ = soql!("SELECT Who.Birthdate FROM Task");
}
