use circuit_core::prelude::*;
struct G;
#[triggers]
impl G {
    #[trigger("Contact", beforeInsert)]
    #[trigger("Lead", afterInsert)]
    fn a(&self, _: &TriggerContext<'_, Record>) -> Result<()> {
        Ok(())
    }
}
fn main() {}
