mod m {
    use circuit_core::prelude::{RecordId, SObject, TriggerContext, trigger};
    struct Some;
    struct None;
    struct Ok;
    struct Option;
    struct Default;
    struct Box;
    #[derive(SObject)]
    #[sobject("Contact")]
    struct Contact {
        id: std::option::Option<RecordId>,
    }
    #[trigger("Contact", afterInsert, order = 1)]
    async fn h(_: &TriggerContext<'_, Contact>) -> circuit_core::prelude::Result<()> {
        std::result::Result::Ok(())
    }
    fn _u() {
        let _ = (Some, None, Ok, Option, Default, Box);
    }
}
fn main() {}
