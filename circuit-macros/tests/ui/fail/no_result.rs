use circuit_core::prelude::*;

#[trigger("Contact", afterInsert)]
fn handler(_: &TriggerContext<'_, Record>) {}

fn main() {}
