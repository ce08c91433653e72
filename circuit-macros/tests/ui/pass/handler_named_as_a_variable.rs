use circuit_core::prelude::*;
#[trigger("Contact", afterInsert)]
fn context(_: &TriggerContext<'_, Record>) -> Result<()> {
    Ok(())
}
#[trigger("Contact", afterInsert)]
fn invocation(_: &TriggerContext<'_, Record>) -> Result<()> {
    Ok(())
}
#[trigger("Contact", afterInsert)]
fn result(_: &TriggerContext<'_, Record>) -> Result<()> {
    Ok(())
}
fn main() {}
