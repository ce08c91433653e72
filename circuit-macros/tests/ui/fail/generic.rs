use circuit_core::prelude::*;

#[trigger("Contact", afterInsert)]
fn handler<T>(_: &TriggerContext<'_, Record>) -> Result<()> {
    Ok(())
}

fn main() {}
