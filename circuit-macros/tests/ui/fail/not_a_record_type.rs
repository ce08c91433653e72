use circuit_core::prelude::*;

struct Contact;

#[trigger("Contact", afterInsert)]
fn handler(_: &TriggerContext<'_, Contact>) -> Result<()> {
    Ok(())
}

fn main() {}
