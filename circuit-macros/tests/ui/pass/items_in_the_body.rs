use circuit_core::prelude::*;
#[trigger("Contact", beforeInsert)]
fn h(ctx: &TriggerContext<'_, Record>) -> Result<()> {
    fn size(ctx: &TriggerContext<'_, Record>) -> usize {
        ctx.size()
    }
    let f: fn(&TriggerContext<'_, Record>) -> usize = size;
    let _ = (f, ctx.size());
    Ok(())
}
fn main() {}
