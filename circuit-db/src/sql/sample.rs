//! Queries whose statements the dialects show in their snapshots.

use circuit_core::{
    Aggregate, CircuitDB, Column, DatePart, FieldSchema, FieldType, Filter, Grouping, Groups,
    ObjectSchema, OnDelete, Operand, OrderBy, Query, Value,
};

/// Returns the schemas of the samples.
pub(crate) fn schemas() -> Vec<ObjectSchema> {
    let of = FieldSchema::new;
    let what = of("WhatId", FieldType::Id).with_reference("Account", OnDelete::Clear);
    vec![
        ObjectSchema::new("Account").with_field(of("Name", FieldType::Text)),
        ObjectSchema::new("Contact")
            .with_field(of("Email", FieldType::Text).unique())
            .with_field(of("Score", FieldType::Integer))
            .with_field(of("Pay", FieldType::Decimal))
            .with_field(of("Seen", FieldType::DateTime))
            .with_field(of("AccountId", FieldType::Id).with_reference("Account", OnDelete::Clear)),
        ObjectSchema::new("Task")
            .with_field(of("Subject", FieldType::Text))
            .with_field(what.or_reference("Contact")),
    ]
}

/// Returns each sample, resolved, with its name.
pub(crate) fn all(db: &dyn CircuitDB) -> Vec<(&'static str, Query)> {
    let fields = |names: &[&str]| names.iter().map(Column::field).collect::<Vec<_>>();
    let groups = Groups {
        keys: vec![Operand::field("Account.Name")],
        grouping: Grouping::Rollup,
        columns: vec![
            (Operand::field("Account.Name"), "name".into()),
            (Operand::Aggregate(Aggregate::Sum, Some("Score".into())), "sum".into()),
        ],
        having: Some(Operand::Aggregate(Aggregate::Count, None).greater(1)),
    };
    let children = Query::of("Contact").columns(fields(&["Email"])).limit(3);
    let won = Query::of("Account").columns(fields(&["Id"])).filter(Filter::like("Name", "a%"));
    let year = Operand::Date(DatePart::Year, "Seen".into(), chrono_tz::Europe::Berlin);
    let queries = [
        ("a unique value", Query::of("Contact").filter(Filter::eq("Email", "a@b.c")).count()),
        (
            "nulls and lists",
            Query::of("Contact")
                .filter(Filter::ne("Score", 3).and(Filter::is_in("Pay", [1, 2])))
                .filter(Filter::eq("Email", Value::Null).or(year.at_least(2026)).negated())
                .count(),
        ),
        (
            "parents of several objects",
            Query::of("Task")
                .columns(fields(&["Subject", "What.Type"]))
                .filter(Filter::eq("What.Type", "Contact"))
                .order_by(OrderBy::descending("Subject").nulls_last())
                .limit(10),
        ),
        ("children", Query::of("Account").columns([Column::children("Contacts", children)])),
        (
            "a list of a query",
            Query::of("Contact").filter(Filter::in_query("AccountId", won)).count(),
        ),
        (
            "groups",
            Query::of("Contact").groups(groups).order_by(OrderBy::ascending("Account.Name")),
        ),
    ];
    let resolved = |(name, query): (&'static str, Query)| {
        (name, query.resolve(db).expect("the samples fit the schemas"))
    };
    queries.into_iter().map(resolved).collect()
}
