//! Companies, their people and notes about both, for the claims about what is around a record.

use circuit_core::{
    Column, FieldSchema, FieldType, MultiPicklist, ObjectSchema, OnDelete, Operand, Query, Record,
    Value,
};
use rust_decimal::Decimal;

use super::db::Db;
use super::support::{fill, record};
use super::{Broken, Shown};

/// Adds the schemas of these claims.
pub(super) fn schemas() -> Vec<ObjectSchema> {
    let of = FieldSchema::new;
    let company = of("CompanyId", FieldType::Id).with_reference("Company", OnDelete::Clear);
    let what = of("WhatId", FieldType::Id).with_reference("Company", OnDelete::Clear);
    vec![
        ObjectSchema::new("Company")
            .with_field(of("Name", FieldType::Text))
            .with_field(of("Size__c", FieldType::Integer)),
        ObjectSchema::new("Person")
            .with_field(of("Name", FieldType::Text))
            .with_field(of("Age", FieldType::Integer))
            .with_field(of("Pay", FieldType::Decimal))
            .with_field(of("Born", FieldType::Date))
            .with_field(of("Seen", FieldType::DateTime))
            .with_field(of("Tags", FieldType::MultiPicklist))
            .with_field(of("Lat", FieldType::Decimal))
            .with_field(of("Lon", FieldType::Decimal))
            .with_field(company.with_relationship("Company", "People")),
        ObjectSchema::new("Note")
            .with_field(of("Title", FieldType::Text).indexed())
            .with_field(what.or_reference("Person").with_relationship("What", "Notes")),
    ]
}

/// Stores two companies, five people and four notes.
pub(super) async fn people(db: &Db) -> Shown {
    let company = |key: &str, name: &str, size: Value| {
        record("Company", key).with("Name", name).with("Size__c", size)
    };
    fill(db, [company("c1", "Acme", 10.into()), company("c2", "beta", Value::Null)]).await?;
    let person = |key: &str, name: &str, age: Value, company: Option<&str>| {
        let company = company.map_or(Value::Null, |key| db.id("Company", key).into());
        record("Person", key).with("Name", name).with("Age", age).with("CompanyId", company)
    };
    let pay = |number: i64| Value::Decimal(Decimal::new(number, 2));
    let tags = |text: &str| Value::MultiPicklist(MultiPicklist::from(text));
    let day = |text: &str| Value::Date(text.parse().expect("a day"));
    let moment = |text: &str| Value::DateTime(text.parse().expect("a moment"));
    let degrees = |number: i64| Value::Decimal(Decimal::new(number, 4));
    fill(
        db,
        [
            person("p1", "Ada", 36.into(), Some("c1"))
                .with("Pay", pay(1_000))
                .with("Tags", tags("red;green"))
                .with("Born", day("1990-01-31"))
                .with("Seen", moment("2026-03-01T00:30:00Z"))
                .with("Lat", degrees(488_566))
                .with("Lon", degrees(23_522)),
            person("p2", "Bob", 20.into(), Some("c1"))
                .with("Pay", pay(2_001))
                .with("Tags", tags("Red"))
                .with("Born", day("2005-12-31"))
                .with("Seen", moment("2026-02-28T23:30:00Z"))
                .with("Lat", degrees(515_074))
                .with("Lon", degrees(-1_278)),
            person("p3", "ada", Value::Null, None).with("Tags", tags("redder")),
            person("p4", "Dee", 50.into(), Some("c2")).with("Born", day("1976-04-01")),
            person("p5", "", 20.into(), Some("nobody")),
        ],
    )
    .await?;
    let note = |key: &str, of: Value| record("Note", key).with("Title", key).with("WhatId", of);
    fill(
        db,
        [
            note("n1", db.id("Company", "c1").into()),
            note("n2", db.id("Person", "p1").into()),
            note("n3", db.id("Company", "c1").into()),
            note("n4", Value::Null),
        ],
    )
    .await
}

/// Asks for columns of people in the order of their names, then of their ages.
pub(super) fn of_people(columns: &[&str]) -> Query {
    use circuit_core::OrderBy;

    Query::of("Person")
        .columns(columns.iter().map(Column::field))
        .order_by(OrderBy::ascending("Name"))
        .order_by(OrderBy::ascending("Age"))
}

/// Returns the names of the people that a filter keeps.
pub(super) async fn who(db: &Db, filter: circuit_core::Filter) -> Result<Vec<String>, Broken> {
    table(db, of_people(&["Name", "Age"]).filter(filter), &["Name", "Age"]).await
}

/// Returns the rows that a query finds, a text for each: the values at some paths.
pub(super) async fn table(db: &Db, query: Query, paths: &[&str]) -> Result<Vec<String>, Broken> {
    let found = db.query(&query).await?.records;
    let row = |record: &Record| {
        let cells: Vec<String> = paths.iter().map(|path| cell(record, path)).collect();
        cells.join(" ")
    };
    Ok(found.iter().map(|stored| row(&stored.record)).collect())
}

/// Returns the value at a path: `-` for null, `?` for what the record does not have.
fn cell(record: &Record, path: &str) -> String {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    match record.get(first) {
        None => "?".to_owned(),
        Some(Value::Null) => "-".to_owned(),
        Some(Value::Record(parent)) if !rest.is_empty() => cell(parent, rest),
        Some(Value::Record(_)) => "record".to_owned(),
        Some(Value::Records(rows)) => {
            let cells: Vec<String> = rows.iter().map(|row| cell(row, rest)).collect();
            format!("[{}]", cells.join(","))
        }
        Some(Value::Text(text)) => text.to_string(),
        Some(Value::Integer(number)) => number.to_string(),
        Some(Value::Decimal(number)) => number.normalize().to_string(),
        Some(Value::Date(day)) => day.to_string(),
        Some(Value::MultiPicklist(list)) => list.to_string(),
        Some(other) => format!("{other:?}"),
    }
}

/// Returns an aggregate over a field.
pub(super) fn over(aggregate: circuit_core::Aggregate, field: &str) -> Operand {
    Operand::Aggregate(aggregate, Some(field.into()))
}
