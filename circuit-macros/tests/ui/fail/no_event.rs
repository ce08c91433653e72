use circuit_core::prelude::*;

#[trigger("Contact", order = 1)]
fn handler(_: &TriggerContext<'_, Record>) -> Result<()> {
    Ok(())
}

fn main() {}
