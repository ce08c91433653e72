use circuit_core::prelude::*;

#[derive(SObject)]
#[sobject("", crate = circuit_core, crate = circuit_core)]
struct Contact {
    object_name: Option<String>,
}

fn main() {}
