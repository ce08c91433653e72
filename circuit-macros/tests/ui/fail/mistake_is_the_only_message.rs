use circuit_core::prelude::*;
#[trigger("Contact", beforeInsrt)]
fn h(ctx: &mut TriggerContext<'_, Record>) -> Result<()> {
    for contact in ctx.new_records_mut() {
        contact.set("Status", "NEW");
    }
    Ok(())
}
fn main() {}
