use circuit_core::prelude::*;

#[trigger("Contact", beforeInsert, beforeUpdate)]
fn handler(ctx: &TriggerContext<'_, Record>) -> Result<()> {
    let _ = ctx.old_records();
    Ok(())
}

fn main() {}
