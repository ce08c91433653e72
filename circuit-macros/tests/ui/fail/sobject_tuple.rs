use circuit_core::prelude::*;

#[derive(SObject)]
#[sobject("Contact")]
struct Contact(Option<RecordId>);

fn main() {}
