use circuit_core::prelude::*;
#[trigger("Contact", afterInsert)]
fn h(ctx: &TriggerContext) -> Result<()> {
    let _ = ctx.new_records();
    Ok(())
}
fn main() {}
