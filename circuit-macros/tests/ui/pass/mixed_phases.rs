use circuit_core::prelude::*;

#[trigger("Contact", beforeInsert, afterInsert, afterDelete)]
fn mixed(ctx: &mut TriggerContext<'_, Record>) -> Result<()> {
    if ctx.is_before() {
        for contact in ctx.try_new_records_mut()? {
            contact.set("Status", "NEW");
        }
    } else if let Ok(old) = ctx.try_old_records() {
        let _gone = old.len();
    }
    Ok(())
}

#[trigger("Contact", beforeInsert, afterInsert)]
fn readable_in_both(ctx: &TriggerContext<'_>) -> Result<()> {
    let _count = ctx.new_records().len();
    Ok(())
}

fn main() {}
