use circuit_core::prelude::*;

struct Guards;

impl Guards {
    #[trigger("Contact", afterInsert)]
    fn handler(&self, _: &TriggerContext<'_, Record>) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = Guards;
}
