use circuit_core::prelude::*;

#[derive(SObject)]
#[sobject("Contact")]
struct Contact<T> {
    id: Option<T>,
}

fn main() {}
