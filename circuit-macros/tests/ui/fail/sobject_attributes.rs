use circuit_core::prelude::*;

#[derive(SObject)]
#[sobject("Contact")]
struct Contact {
    #[sobject(uniqe)]
    email: Option<String>,
    #[sobject(restricted)]
    stage: Option<String>,
    #[sobject(on_delete = cascade)]
    account_id: Option<RecordId>,
    #[sobject(reference = "User", on_delete = erase)]
    owner_id: Option<RecordId>,
    #[sobject("EMAIL")]
    mail: Option<String>,
    #[sobject(flatten)]
    one: FieldMap,
    #[sobject(flatten)]
    two: FieldMap,
}

fn main() {}
