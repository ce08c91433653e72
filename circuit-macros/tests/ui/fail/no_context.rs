use circuit_core::prelude::*;

#[trigger("Contact", afterInsert)]
fn handler() -> Result<()> {
    Ok(())
}

fn main() {}
