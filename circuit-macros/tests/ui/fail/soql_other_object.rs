use circuit_core::prelude::*;

#[derive(SObject, Debug)]
#[sobject("Contact")]
pub struct Contact {
    pub email: Option<String>,
}

/// Reads contacts.
pub async fn read(circuit: &circuit_core::Circuit) {
    let _ = circuit.query::<Contact>(soql!("SELECT Id FROM Account")).await;
    let _ = circuit.query::<Contact>("SELECT Id FROM Contact").await;
}

fn main() {}
