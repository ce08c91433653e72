use circuit_core::prelude::*;

#[trigger("Contact", afterInsert, afterInsert, order = "first", onceper, disabled_by)]
fn handler(_: &TriggerContext<'_, Record>) -> Result<()> {
    Ok(())
}

fn main() {}
