use circuit_core::prelude::*;

#[trigger("Contact", beforeDelete)]
fn handler(ctx: &TriggerContext<'_, Record>) -> Result<()> {
    let _ = ctx.new_records();
    Ok(())
}

fn main() {}
