use circuit_core::prelude::*;

#[trigger("Contact", afterInsert)]
fn handler(ctx: &mut TriggerContext<'_, Record>) -> Result<()> {
    for contact in ctx.new_records_mut() {
        contact.set("Status", "NEW");
    }
    Ok(())
}

fn main() {}
