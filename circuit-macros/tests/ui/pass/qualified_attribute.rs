use circuit_core::prelude::*;
struct G;
#[circuit_core::triggers]
impl G {
    #[circuit_core::trigger("Contact", beforeUpdate)]
    async fn a(&self, ctx: &mut TriggerContext<'_, Record>) -> Result<()> {
        for r in ctx.new_records_mut() {
            r.set("A", "b");
        }
        Ok(())
    }
}
fn main() {}
