//! What both SQL stores are asked.

use std::sync::Arc;

use circuit_core::{
    Aggregate, Column, Filter, Groups, Operand, OrderBy, Query, Record, Shape, Value,
};

pub(crate) fn columns() -> Query {
    Query::of("Contact")
        .filter(Filter::greater("Score", 49))
        .columns(["Name", "Score"].map(Column::field))
}

pub(crate) fn records() -> Query {
    Query::of("Contact").order_by(OrderBy::descending("Created")).limit(200)
}

pub(crate) fn parents() -> Query {
    Query::of("Contact")
        .filter(Filter::less("Score", 20))
        .columns(["Name", "Account.Name"].map(Column::field))
}

pub(crate) fn children() -> Query {
    let inner = Query::of("Contact").columns(["Name", "Score"].map(Column::field));
    Query::of("Account")
        .columns([Column::field("Name"), Column::children("Contacts", inner)])
        .limit(500)
}

pub(crate) fn groups() -> Query {
    let score = || Some("Score".into());
    let columns = vec![
        (Operand::field("Stage"), "Stage".into()),
        (Operand::Aggregate(Aggregate::Count, None), "n".into()),
        (Operand::Aggregate(Aggregate::Max, score()), "most".into()),
    ];
    let groups = Groups { keys: vec![Operand::field("Stage")], columns, ..Groups::default() };
    Query::of("Contact").groups(groups)
}

/// Whose record is looked for.
pub(crate) const EMAIL: &str = "PERSON77@example.com";

pub(crate) fn by_key() -> Query {
    Query::of("Contact").filter(Filter::eq("Email", EMAIL)).columns([Column::field("Name")])
}

pub(crate) fn ids() -> Vec<String> {
    (0..1_000).map(|n| format!("003{:012}", n * 97)).collect()
}

pub(crate) fn list() -> Query {
    Query::of("Contact")
        .filter(Filter::is_in("Id", ids().iter().map(String::as_str)))
        .columns([Column::field("Name")])
}

/// Returns the shape of an object's records with these fields.
pub(crate) fn shape(object: &str, names: &[&str]) -> Arc<Shape> {
    let record =
        names.iter().fold(Record::new(object), |record, name| record.with(name, Value::Null));
    Arc::clone(record.shape())
}
