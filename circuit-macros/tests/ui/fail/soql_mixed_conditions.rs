use circuit_core::prelude::*;

fn main() {
    let _ = soql!("SELECT Id FROM Contact WHERE Email = null OR Name = null AND Phone = null");
}
