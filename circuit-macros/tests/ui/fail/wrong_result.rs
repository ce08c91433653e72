use circuit_core::prelude::*;

#[trigger("Contact", afterInsert)]
fn handler(_: &TriggerContext<'_, Record>) -> Result<i32> {
    Ok(1)
}

fn main() {}
