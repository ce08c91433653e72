use std::future::Future;
use std::pin::Pin;

use circuit_core::Circuit;
use circuit_core::prelude::*;

#[derive(SObject, Debug)]
#[sobject("Account")]
pub struct Account {
    pub name: String,
    #[sobject(related)]
    pub contacts: Vec<Contact>,
    #[sobject(related)]
    pub owner: Option<User>,
    #[sobject(related)]
    pub cases: Option<Record>,
}

#[derive(SObject, Debug)]
#[sobject("Contact")]
pub struct Contact {
    pub email: Option<String>,
    pub phone: Option<String>,
    #[sobject(related)]
    pub account: Option<Box<Account>>,
}

#[derive(SObject, Debug)]
#[sobject("User")]
pub struct User {
    pub alias: Option<String>,
}

fn read(circuit: &Circuit) -> Pin<Box<dyn Future<Output = ()> + '_>> {
    Box::pin(async {
        let fits = soql!("SELECT Email, Account.Name, Account.Owner.Alias FROM Contact");
        let _ = circuit.query::<Contact>(fits).await;
        let _ = circuit.query::<Contact>(soql!("SELECT Email, Account.Owner.Nmae FROM Contact")).await;
        let _ = circuit.query_one::<Account>(soql!(r#"
            SELECT Name, (SELECT Id, LastName, Account.Fax FROM Contacts WHERE Email != null)
            FROM Account"#)).await;
        let wrong = soql!("SELECT Name, (SELECT Id FROM Owner), (SELECT Id FROM Cases) FROM Account");
        let _ = circuit.query_opt::<Account>(wrong).await;
        let _ = circuit.query::<Contact>(soql!("SELECT Account, Phone.Type FROM Contact")).await;
    })
}

fn main() {
    let _: fn(&Circuit) -> Pin<Box<dyn Future<Output = ()> + '_>> = read;
}
