use circuit_core::IntoQuery;
use circuit_core::prelude::*;

#[derive(SObject, Debug)]
#[sobject("Contact")]
pub struct Contact {
    pub id: RecordId,
    pub email: String,
    pub phone: Option<String>,
}

fn ask<T: SObject>(query: impl IntoQuery<T>) {
    let _ = query.into_query();
}

fn main() {
    ask::<Contact>(soql!("SELECT Id, Email FROM Contact"));
    ask::<Contact>(soql!("SELECT Fax, c.Account.Name, COUNT(Id) FROM Contact c GROUP BY Fax, Account.Name"));
    ask::<Contact>(soql!("SELECT Fax, c.Account.Name FROM Contact c"));
}
