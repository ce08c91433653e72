use circuit_core::prelude::*;
#[trigger("Contact", beforeInsert)]
#[trigger("Lead", afterInsert)]
fn h(ctx: &mut TriggerContext<'_, Record>) -> Result<()> {
    let _ = ctx.new_records_mut();
    Ok(())
}
fn main() {}
