use circuit_core::prelude::*;

#[derive(SObject)]
#[sobject("Contact")]
enum Contact {
    One,
}

fn main() {}
