use circuit_core::prelude::*;

#[trigger("My Contact", afterInsert)]
fn handler(_: &TriggerContext<'_, Record>) -> Result<()> {
    Ok(())
}

fn main() {}
