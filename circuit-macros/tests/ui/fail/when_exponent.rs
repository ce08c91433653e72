use circuit_core::prelude::*;
#[trigger("Contact", afterInsert, when = is("Amount", 1e3))]
fn h(_: &TriggerContext<'_, Record>) -> Result<()> {
    Ok(())
}
fn main() {}
