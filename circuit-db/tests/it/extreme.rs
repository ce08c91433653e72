//! PostgreSQL: values at the edge, and what it cannot hold.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime};
use circuit_core::{
    Aggregate, CircuitDB, CommitOutcome, CommitPlan, FetchKey, FetchRequest, FieldSchema,
    FieldType, Filter, Groups, MultiPicklist, ObjectSchema, Operand, Query, Record, RecordId,
    StatusCode, Value, Write, WriteKind,
};
use circuit_db::Postgres;
use rust_decimal::Decimal;

use crate::postgres;

fn schema() -> ObjectSchema {
    let of = FieldSchema::new;
    ObjectSchema::new("Edge")
        .with_field(of("Name", FieldType::Text))
        .with_field(of("Code", FieldType::Text).unique())
        .with_field(of("Exact", FieldType::Decimal))
        .with_field(of("Day", FieldType::Date))
        .with_field(of("Moment", FieldType::DateTime))
        .with_field(of("Hour", FieldType::Time))
        .with_field(of("Tree", FieldType::Json))
        .with_field(of("Tags", FieldType::MultiPicklist))
        .with_field(of("Anything", FieldType::Any))
}

fn plan(record: &Record) -> CommitPlan {
    let id = record.id().unwrap().clone();
    CommitPlan::new(vec![Write::new(WriteKind::Insert, id, record.clone())])
}

fn record(object: &str, key: &str) -> Record {
    Record::new(object).with_id(key.parse().unwrap())
}

/// Stores a value in a declared and in an undeclared field and reads it back.
async fn survives(store: &Postgres, field: &str, value: Value) {
    static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    for object in ["Edge", "Loose"] {
        let id: RecordId = format!("r{number}").parse().unwrap();
        let stored = record(object, id.as_str()).with(field, value.clone());
        let outcome = store.commit(plan(&stored)).await.unwrap();
        assert!(matches!(outcome, CommitOutcome::Committed { .. }), "{value:?} {outcome:?}");
        let found = store.fetch(&FetchRequest::by_id(object, [id])).await.unwrap().remove(0);
        let found = found.unwrap().record;
        let shown = |value: Option<&Value>| format!("{value:?}");
        assert_eq!(shown(found.get(field)), shown(Some(&value)), "{object}");
        let is_comparable = !matches!(value, Value::Json(_));
        if is_comparable {
            let query = Query::of(object).filter(Filter::eq(field, value.clone()));
            assert!(store.query(&query).await.unwrap().count > 0, "{object} {value:?}");
        }
    }
}

#[tokio::test]
async fn values_at_the_edge_survive_and_are_found() {
    let store = postgres::open(vec![schema()]).await;
    for text in ["1.10", "-0.00", "79228162514264337593543950335", "0.0000000000000000000000000001"]
    {
        survives(&store, "Exact", Value::Decimal(text.parse().unwrap())).await;
    }
    for (year, month, day) in
        [(-4712, 1, 1), (0, 2, 29), (1, 1, 1), (9999, 12, 31), (262_142, 1, 1)]
    {
        let day = NaiveDate::from_ymd_opt(year, month, day).unwrap();
        survives(&store, "Day", Value::Date(day)).await;
        let moment = day.and_hms_nano_opt(23, 59, 59, 1_999_999_999).unwrap().and_utc();
        survives(&store, "Moment", Value::DateTime(moment)).await;
    }
    let end = NaiveTime::from_hms_nano_opt(23, 59, 59, 999_999_999).unwrap();
    survives(&store, "Hour", Value::Time(end)).await;
    survives(&store, "Hour", Value::Time(NaiveTime::MIN)).await;
    let tree =
        serde_json::json!({"big": 1e300, "whole": 1e16, "max": u64::MAX, "x": [0.1, -5, {}]});
    survives(&store, "Tree", Value::Json(Arc::new(tree.clone()))).await;
    survives(&store, "Anything", Value::Json(Arc::new(tree))).await;
    for value in [Value::from(7), Value::from("x"), Value::Decimal(Decimal::new(110, 2))] {
        survives(&store, "Anything", value).await;
    }
    survives(&store, "Tags", Value::MultiPicklist(MultiPicklist::from("b;A"))).await;
    survives(&store, "Name", "\u{10ffff}\u{1}\u{7f}\\'\"".into()).await;
    survives(&store, "Name", "x".repeat(1_000_000).into()).await;
}

#[tokio::test]
async fn a_unique_text_of_any_length_is_unique() {
    let store = postgres::open(vec![schema()]).await;
    let long = "Ä".repeat(50_000);
    let first = record("Edge", "r1").with("Code", long.as_str());
    assert!(matches!(store.commit(plan(&first)).await, Ok(CommitOutcome::Committed { .. })));
    let other = record("Edge", "r2").with("Code", long.clone() + "x");
    assert!(matches!(store.commit(plan(&other)).await, Ok(CommitOutcome::Committed { .. })));
    let same = record("Edge", "r3").with("Code", long.to_lowercase());
    assert!(matches!(store.commit(plan(&same)).await, Ok(CommitOutcome::Refused(_))));
    let key = FetchKey::Unique { field: "Code".into(), value: long.into() };
    let found = store.fetch(&FetchRequest::by_keys("Edge", vec![key])).await.unwrap().remove(0);
    assert_eq!(found.unwrap().record.id().unwrap().as_str(), "r1");
}

#[tokio::test]
async fn what_postgresql_cannot_hold_is_refused_with_its_field() {
    let store = postgres::open(vec![schema()]).await;
    let early = NaiveDate::from_ymd_opt(-5000, 1, 1).unwrap();
    let cases = [
        ("Edge", "Name", Value::from("a\0b"), StatusCode::InvalidType),
        ("Edge", "Tree", Value::from(serde_json::json!(["\0"])), StatusCode::InvalidType),
        ("Edge", "Anything", Value::from("\0"), StatusCode::InvalidType),
        ("Loose", "Name", Value::from("a\0b"), StatusCode::InvalidType),
        ("Edge", "Day", Value::Date(early), StatusCode::NumberOutsideValidRange),
        ("Edge", "Name", Value::from(7), StatusCode::InvalidType),
    ];
    for (object, field, value, status) in cases {
        let bad = record(object, "bad").with(field, value);
        let mut writes = plan(&record(object, "good")).writes;
        writes.extend(plan(&bad).writes);
        match store.commit(CommitPlan::new(writes)).await.unwrap() {
            CommitOutcome::Refused(problems) => {
                assert_eq!(problems.len(), 1);
                assert_eq!((problems[0].write, problems[0].status), (1, status));
                assert_eq!(problems[0].field.as_deref(), Some(field));
            }
            other => panic!("{object} {field}: {other:?}"),
        }
        assert_eq!(store.query(&Query::of(object).count()).await.unwrap().count, 0);
    }
}

#[tokio::test]
async fn a_question_about_what_cannot_be_stored_has_an_answer() {
    let store = postgres::open(vec![schema()]).await;
    let day = NaiveDate::from_ymd_opt(2026, 2, 28).unwrap();
    let one = record("Edge", "r1").with("Name", "b").with("Day", Value::Date(day));
    store.commit(plan(&one)).await.unwrap();
    let early = NaiveDate::from_ymd_opt(-5000, 1, 1).unwrap();
    for (filter, count) in [
        (Filter::greater("Name", "a\0"), 1),
        (Filter::eq("Name", "b\0"), 0),
        (Filter::is_in("Name", ["b", "\0"]), 1),
        (Filter::like("Name", "\0%"), 0),
        (Filter::greater("Day", early), 1),
        (Filter::eq("Moment", DateTime::from_timestamp_nanos(0)), 0),
    ] {
        let found = store.query(&Query::of("Edge").filter(filter.clone())).await.unwrap();
        assert_eq!(found.count, count, "{filter:?}");
    }
    let key = FetchKey::Unique { field: "Code".into(), value: "\0".into() };
    let found = store.fetch(&FetchRequest::by_keys("Edge", vec![key])).await.unwrap();
    assert!(found[0].is_none());
    assert_eq!(store.query(&Query::of("No\0thing")).await.unwrap().count, 0);
}

#[tokio::test]
async fn a_sum_that_is_too_large_is_an_error_whatever_having_says() {
    let store = postgres::open(vec![schema()]).await;
    for key in ["r1", "r2"] {
        let stored = record("Edge", key).with("Exact", Value::Decimal(Decimal::MAX));
        store.commit(plan(&stored)).await.unwrap();
    }
    let sum = || Operand::aggregate(Aggregate::Sum, "Exact");
    let count = Operand::count;
    let an_id = || Value::Id("r1".parse().unwrap());
    let all = [
        sum().eq(1),
        sum().eq(an_id()),
        sum().ne(an_id()),
        sum().less(Value::Null),
        count().eq(an_id()),
        count().eq(1).and(count().eq(2)),
        sum().eq(1).and(sum().eq(2)),
        Filter::And(Vec::new()),
        Filter::Or(Vec::new()),
    ];
    for having in all {
        let columns = vec![(sum(), "all".into())];
        let groups = Groups { columns, having: Some(having), ..Groups::default() };
        let query = Query::of("Edge").groups(groups);
        assert!(
            store.query(&query).await.is_err(),
            "{query:?} {}",
            store.explain(&query).await.unwrap()
        );
    }
}
