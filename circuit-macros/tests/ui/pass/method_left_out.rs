use circuit_core::prelude::*;
struct G;
#[triggers]
impl G {
    #[cfg(any())]
    #[trigger("Contact", afterInsert)]
    fn gone(&self, _: &TriggerContext<'_, Record>) -> Result<()> {
        Ok(())
    }
    #[trigger("Contact", afterInsert)]
    fn there(&self, _: &TriggerContext<'_, Record>) -> Result<()> {
        Ok(())
    }
}
fn main() {}
