use circuit_core::prelude::*;

#[derive(SObject)]
#[sobject("Contact")]
struct Contact {
    #[sobject("a")]
    #[sobject("b")]
    twice: Option<String>,
    #[sobject(picklist = [], required)]
    stage: Option<String>,
    #[sobject(length = 0)]
    text: Option<String>,
    #[sobject(default = stage())]
    call: Option<String>,
    #[sobject("y", flatten)]
    rest: FieldMap,
}

#[trigger("Contact", afterInsert)]
fn handler(ctx: &TriggerContext<'_, Contact>) -> Result<()> {
    let _ = ctx.new_records();
    Ok(())
}

fn main() {}
