//! Queries that fit their structs.

use circuit_core::prelude::*;
use circuit_core::{IntoAggregate, IntoQuery, QueryContext};

/// Structs refer to each other, and to themselves.
#[derive(SObject, Debug)]
#[sobject("Contact")]
pub struct D {
    pub id: RecordId,
    #[sobject(related)]
    pub account: Option<Box<Account>>,
    #[sobject(related)]
    pub cases: Vec<Record>,
    pub owner: Option<Value>,
}

#[derive(SObject, Debug)]
#[sobject("Account")]
pub struct Account {
    pub id: RecordId,
    #[sobject(related)]
    pub contacts: Vec<D>,
    #[sobject(related)]
    pub parent: Option<Box<Account>>,
    #[sobject(flatten)]
    pub other: FieldMap,
}

#[derive(AggregateRow, Debug, Default)]
pub struct Row {
    #[sobject("Name")]
    pub account: Option<String>,
    #[sobject("expr0")]
    pub count: i64,
    #[sobject(skip)]
    pub kept: bool,
    #[sobject(flatten)]
    pub other: FieldMap,
}

/// The comparison is part of the method: the compiler does it where the method is named.
fn records<T: SObject, Q: IntoQuery<T>>(_: Q) {
    let _: fn(Q, &QueryContext<'_>) -> circuit_core::Result<Query> = Q::into_query;
}

fn groups<T: AggregateRow, Q: IntoAggregate<T>>(_: Q) {
    let _: fn(Q, &QueryContext<'_>) -> circuit_core::Result<Query> = Q::into_aggregate;
}

fn main() {
    records::<D, _>(soql!("SELECT Account.Parent.Parent.Fax, Account.Parent.Id FROM Contact"));
    records::<D, _>(soql!("SELECT Id, (SELECT Anything, Owner.Name FROM Cases), Owner.Name FROM Contact"));
    records::<D, _>(soql!("SELECT TYPEOF Account WHEN Account THEN Phone END FROM Contact"));
    records::<Account, _>(soql!("SELECT (SELECT Id, Account.Fax FROM Contacts) FROM Account"));
    records::<Record, _>(soql!("SELECT A.B.C.D, (SELECT E.F FROM G) FROM Account"));
    groups::<Row, _>(soql!("SELECT Account.Name, COUNT(Id), MAX(Size) m FROM Contact GROUP BY Account.Name"));
    groups::<Record, _>(soql!("SELECT COUNT(Id) FROM Contact"));
    groups::<Record, _>(soql!("SELECT FORMAT(MAX(Size)) most FROM Contact"));

    #[derive(SObject)]
    #[sobject("Local")]
    struct Local {
        id: Option<RecordId>,
        #[sobject(related)]
        parent: Option<Box<Local>>,
    }
    records::<Local, _>(soql!("SELECT Parent.Parent.Id FROM Local"));
    let local = Local { id: None, parent: None };
    assert!(local.id.is_none() && local.parent.is_none());
}
