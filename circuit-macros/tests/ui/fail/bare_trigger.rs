use circuit_core::prelude::*;
struct G;
#[triggers]
impl G {
    #[trigger]
    fn a(&self, _: &TriggerContext<'_, Record>) -> Result<()> {
        Ok(())
    }
}
fn main() {}
