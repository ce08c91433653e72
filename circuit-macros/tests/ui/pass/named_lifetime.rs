use circuit_core::prelude::*;
#[trigger("Contact", afterInsert)]
fn h<'a>(_: &TriggerContext<'a, Record>) -> Result<()> {
    Ok(())
}
fn main() {}
