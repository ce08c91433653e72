use circuit_core::prelude::*;
use circuit_core::{IntoQuery, QueryContext};

#[derive(SObject, Debug)]
#[sobject("Contact")]
pub struct Contact {
    pub id: RecordId,
    pub email: String,
    pub phone: Option<String>,
}

fn ask<T: SObject>(query: impl IntoQuery<T>, context: &QueryContext<'_>) {
    let _ = query.into_query(context);
}

fn all(context: &QueryContext<'_>) {
    ask::<Contact>(soql!("SELECT Id, Email FROM Contact"), context);
    ask::<Contact>(
        soql!("SELECT Fax, c.Account.Name, COUNT(Id) FROM Contact c GROUP BY Fax, Account.Name"),
        context,
    );
    ask::<Contact>(soql!("SELECT Fax, c.Account.Name FROM Contact c"), context);
}

fn main() {
    let _asked: fn(&QueryContext<'_>) = all;
}
