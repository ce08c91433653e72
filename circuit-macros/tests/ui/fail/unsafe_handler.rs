use circuit_core::prelude::*;

#[trigger("Contact", afterInsert)]
unsafe fn handler(_: &TriggerContext<'_, Record>) -> Result<()> {
    Ok(())
}

fn main() {}
