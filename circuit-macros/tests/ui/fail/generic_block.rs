use circuit_core::prelude::*;
struct G<T>(T);
#[triggers]
impl<T> G<T> {
    #[trigger("Contact", afterInsert)]
    fn a(&self, _: &TriggerContext<'_, Record>) -> Result<()> {
        Ok(())
    }
}
fn main() {}
