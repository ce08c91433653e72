use circuit_core::prelude::*;

#[trigger("Contact", afterUpdate, when = is("Stage", stage()))]
fn handler(_: &TriggerContext<'_, Record>) -> Result<()> {
    Ok(())
}

fn main() {}
