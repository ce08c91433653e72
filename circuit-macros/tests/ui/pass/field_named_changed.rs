use circuit_core::prelude::*;
#[trigger("Contact", beforeDelete, when = is("last_changed", 1))]
fn h(_: &TriggerContext<'_, Record>) -> Result<()> {
    Ok(())
}
fn main() {}
