use circuit_core::prelude::*;

#[trigger("Contact", afterInsrt)]
fn handler(ctx: &TriggerContext<'_, Record>) -> Result<()> {
    let _ = ctx.size();
    Ok(())
}

fn main() {}
