use circuit_core::prelude::*;

#[trigger("Contact", afterInsert, ordr = 1)]
fn handler(_: &TriggerContext<'_, Record>) -> Result<()> {
    Ok(())
}

fn main() {}
