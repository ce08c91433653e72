use circuit_core::prelude::*;

#[derive(SObject, Debug)]
#[sobject("Contact")]
pub struct Contact {
    pub id: Option<RecordId>,
    #[sobject(related, unique)]
    pub tasks: Vec<Record>,
    #[sobject(related, flatten)]
    pub account: Option<Record>,
}

#[derive(SObject, Debug)]
#[sobject("Contact")]
pub struct Other {
    #[sobject("Account", related)]
    pub account: String,
}

fn main() {}
