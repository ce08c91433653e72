use circuit_core::prelude::*;

#[derive(SObject)]
#[sobject("Contact")]
struct Contact {
    score: Option<f64>,
}

fn main() {}
