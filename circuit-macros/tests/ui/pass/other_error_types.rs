use circuit_core::prelude::*;
use circuit_core::TriggerContext as Context;

#[trigger("Contact", afterInsert)]
async fn own_error(ctx: &TriggerContext<'_, Record>) -> std::result::Result<(), std::fmt::Error> {
    let _size = ctx.size();
    Ok(())
}

#[trigger("Contact", afterInsert)]
fn boxed(_: &TriggerContext<'_, Record>) -> std::result::Result<(), Box<dyn std::error::Error + Send + Sync>> {
    Ok(())
}

#[trigger("Contact", afterInsert)]
fn renamed(ctx: &Context<'_, Record>) -> Result<()> {
    let _rows = ctx.try_new_records()?;
    Ok(())
}

fn main() {}
