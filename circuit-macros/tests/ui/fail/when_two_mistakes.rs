use circuit_core::prelude::*;
#[trigger("Contact", afterUpdate, when = change("A") && wass("B", 1))]
fn h(_: &TriggerContext<'_, Record>) -> Result<()> {
    Ok(())
}
fn main() {}
