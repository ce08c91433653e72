mod host {
    pub use circuit_core as engine;
}
use host::engine::prelude::*;

#[derive(SObject)]
#[sobject("Contact", crate = crate::host::engine)]
struct Contact {
    id: Option<RecordId>,
    #[sobject(skip)]
    cached: Vec<u8>,
}

#[trigger("Contact", afterInsert, crate = crate::host::engine)]
fn named(ctx: &TriggerContext<'_, Contact>) -> Result<()> {
    for contact in ctx.new_records() {
        let _ = (&contact.id, contact.cached.len());
    }
    Ok(())
}

fn main() {
    let _ = Contact::ID;
}
