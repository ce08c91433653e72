use circuit_core::prelude::*;

struct Guards;

#[triggers]
impl Guards {
    #[trigger("Contact", afterInsert)]
    fn handler(_: &TriggerContext<'_, Record>) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = Guards;
}
