use circuit_core::prelude::*;

#[trigger("Contact", afterInsert)]
fn handler(_: &String) -> Result<()> {
    Ok(())
}

fn main() {}
