use circuit_core::prelude::*;
struct G;
#[triggers]
impl G {
    #[trigger("Contact", afterUpdate, ordr = 1)]
    fn a(&self, ctx: &TriggerContext<'_, Record>) -> Result<()> {
        let _ = ctx.changes().count();
        Ok(())
    }
}
fn main() {}
