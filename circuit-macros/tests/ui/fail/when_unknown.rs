use circuit_core::prelude::*;

#[trigger("Contact", afterUpdate, when = change("Stage"))]
fn handler(_: &TriggerContext<'_, Record>) -> Result<()> {
    Ok(())
}

fn main() {}
