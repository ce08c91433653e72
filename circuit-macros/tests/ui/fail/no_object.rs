use circuit_core::prelude::*;

#[trigger(afterInsert)]
fn handler(_: &TriggerContext<'_, Record>) -> Result<()> {
    Ok(())
}

fn main() {}
