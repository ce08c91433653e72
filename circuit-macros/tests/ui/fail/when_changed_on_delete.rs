use circuit_core::prelude::*;

#[trigger("Contact", beforeDelete, when = changed("Stage"))]
fn handler(_: &TriggerContext<'_, Record>) -> Result<()> {
    Ok(())
}

fn main() {}
