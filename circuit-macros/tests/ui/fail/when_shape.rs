use circuit_core::prelude::*;

#[trigger("Contact", afterUpdate, when = changed("Stage") == true)]
fn handler(_: &TriggerContext<'_, Record>) -> Result<()> {
    Ok(())
}

fn main() {}
