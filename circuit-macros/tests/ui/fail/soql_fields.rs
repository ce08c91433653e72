use std::future::Future;
use std::pin::Pin;

use circuit_core::Circuit;
use circuit_core::prelude::*;

#[derive(SObject, Debug)]
#[sobject("Contact")]
pub struct Contact {
    pub id: RecordId,
    pub email: String,
    pub phone: Option<String>,
}

fn read(circuit: &Circuit) -> Pin<Box<dyn Future<Output = ()> + '_>> {
    Box::pin(async {
        let _ = circuit.query::<Contact>(soql!("SELECT Id, Email FROM Contact")).await;
        let _ = circuit.query::<Contact>(soql!("SELECT FIELDS(STANDARD) FROM Contact")).await;
        let _ = circuit.query::<Contact>(soql!("SELECT Fax, c.Owner.Name FROM Contact c")).await;
    })
}

fn main() {
    let _: fn(&Circuit) -> Pin<Box<dyn Future<Output = ()> + '_>> = read;
}
