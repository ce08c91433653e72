use circuit_core::prelude::*;

#[derive(SObject)]
struct Contact {
    id: Option<RecordId>,
}

fn main() {}
