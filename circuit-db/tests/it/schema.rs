//! Schemas that gain fields, and those that contradict what is stored.

use std::path::Path;

use circuit_core::{
    Circuit, CircuitDB, CommitOutcome, CommitPlan, Error, ErrorKind, FetchKey, FetchRequest,
    FieldSchema, FieldType, Filter, ObjectSchema, OnDelete, Query, Record, RecordId, Registry,
    Value, Write, WriteKind,
};
use circuit_db::Sqlite;

fn contact(fields: &[FieldSchema]) -> ObjectSchema {
    fields.iter().cloned().fold(ObjectSchema::new("Contact"), ObjectSchema::with_field)
}

async fn open(file: &Path, fields: &[FieldSchema]) -> Result<Sqlite, Error> {
    Sqlite::builder().schema(contact(fields)).open(file).await
}

async fn insert(store: &Sqlite, record: Record) {
    let id = record.id().unwrap().clone();
    let plan = CommitPlan::new(vec![Write::new(WriteKind::Insert, id, record)]);
    store.commit(plan).await.unwrap();
}

async fn read(store: &Sqlite, id: &str, field: &str) -> Option<Value> {
    let found = store.fetch(&FetchRequest::by_id("Contact", [id.parse().unwrap()])).await.unwrap();
    found[0].as_ref().unwrap().record.get(field).cloned()
}

fn record(id: &str) -> Record {
    Record::new("Contact").with_id(id.parse().unwrap())
}

#[tokio::test]
async fn values_move_into_the_column_of_a_field_that_was_declared_later() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("crm.db");
    let store = Sqlite::open(&file).await.unwrap();
    insert(&store, record("c1").with("Born", "2026-02-28").with("Fax", "1")).await;
    drop(store);
    let born = FieldSchema::new("born", FieldType::Date);
    let store = open(&file, std::slice::from_ref(&born)).await.unwrap();
    assert_eq!(read(&store, "c1", "Born").await.unwrap().type_name(), "date");
    assert_eq!(read(&store, "c1", "Fax").await, Some(Value::from("1")));
    drop(store);
    let more = [born, FieldSchema::new("Email", FieldType::Text).unique()];
    let store = open(&file, &more).await.unwrap();
    insert(&store, record("c2").with("Email", "a@b.c")).await;
    let key = FetchKey::Unique { field: "Email".into(), value: "A@b.c".into() };
    let found = store.fetch(&FetchRequest::by_keys("Contact", vec![key])).await.unwrap();
    assert!(found[0].is_some());
}

#[tokio::test]
async fn stored_values_that_do_not_fit_stop_the_opening_and_stay() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("crm.db");
    let store = Sqlite::open(&file).await.unwrap();
    insert(&store, record("c1").with("Born", "yesterday")).await;
    drop(store);
    let error = open(&file, &[FieldSchema::new("Born", FieldType::Date)]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidSchema);
    assert_eq!((error.context("field"), error.context("values")), (Some("Born"), Some("1")));
    let store = Sqlite::open(&file).await.unwrap();
    assert_eq!(read(&store, "c1", "Born").await, Some(Value::from("yesterday")));
}

#[tokio::test]
async fn a_field_cannot_change_its_type() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("crm.db");
    drop(open(&file, &[FieldSchema::new("Age", FieldType::Integer)]).await.unwrap());
    let error = open(&file, &[FieldSchema::new("Age", FieldType::Text)]).await.unwrap_err();
    assert_eq!(
        (error.context("stored"), error.context("declared")),
        (Some("integer"), Some("text"))
    );
}

#[tokio::test]
async fn a_field_that_is_no_longer_declared_keeps_its_column_and_values() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("crm.db");
    let store = open(&file, &[FieldSchema::new("Age", FieldType::Integer)]).await.unwrap();
    insert(&store, record("c1").with("Age", 36)).await;
    drop(store);
    let store = open(&file, &[]).await.unwrap();
    assert_eq!(read(&store, "c1", "Age").await, Some(Value::Integer(36)));
}

#[tokio::test]
async fn nothing_is_asked_of_a_field_that_is_no_longer_declared() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("crm.db");
    let email = FieldSchema::new("Email", FieldType::Text).required().unique();
    let stage = FieldSchema::new("Stage", FieldType::Text).with_picklist(["Open"]).restricted();
    let owner = FieldSchema::new("OwnerId", FieldType::Id);
    let owner = owner.with_reference("User", OnDelete::Restrict);
    drop(open(&file, &[email.clone(), stage, owner]).await.unwrap());
    let store = open(&file, &[FieldSchema::new("Name", FieldType::Text)]).await.unwrap();
    let circuit = Circuit::builder().backend(store).registry(Registry::default()).build().unwrap();
    circuit.insert(Record::new("Contact").with("Name", "Ada")).await.unwrap();
    for _ in 0..2 {
        let same = Record::new("Contact").with("Email", "a@b.c").with("Stage", "Lost");
        circuit.insert(same).await.unwrap();
    }
    assert_eq!(
        circuit.backend().describe("Contact").unwrap().field("OwnerId").unwrap().reference(),
        None
    );
    drop(circuit);
    let error = open(&file, &[email]).await.unwrap_err();
    assert!(error.message().contains("not unique"), "{error}");
}

#[tokio::test]
async fn a_unique_field_with_dots_in_its_name_is_named_when_its_value_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let of = |name: &str| FieldSchema::new(name, FieldType::Text).unique();
    let schema = ObjectSchema::new("My.Contact").with_field(of("b")).with_field(of("A.b"));
    let store = Sqlite::builder().schema(schema).open(folder.path().join("crm.db")).await.unwrap();
    for (field, outcome) in [("A.b", None), ("A.b", Some("A.b")), ("b", None), ("b", Some("b"))] {
        let id: RecordId = format!("{field}{}", outcome.is_some()).parse().unwrap();
        let record = Record::new("My.Contact").with_id(id.clone()).with(field, "x");
        let plan = CommitPlan::new(vec![Write::new(WriteKind::Insert, id, record)]);
        let seen = match store.commit(plan).await.unwrap() {
            CommitOutcome::Refused(problems) => problems[0].field.clone(),
            _ => None,
        };
        assert_eq!(seen.as_deref(), outcome);
    }
}

#[tokio::test]
async fn a_field_cannot_become_unique_over_equal_values() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("crm.db");
    let email = FieldSchema::new("Email", FieldType::Text);
    let store = open(&file, std::slice::from_ref(&email)).await.unwrap();
    insert(&store, record("c1").with("Email", "a@b.c")).await;
    insert(&store, record("c2").with("Email", "A@b.c")).await;
    drop(store);
    let error = open(&file, &[email.unique()]).await.unwrap_err();
    assert!(error.message().contains("not unique"), "{error}");
}

#[tokio::test]
async fn a_schema_that_contradicts_itself_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let twice = [FieldSchema::new("A", FieldType::Text), FieldSchema::new("a", FieldType::Text)];
    let error = open(&folder.path().join("crm.db"), &twice).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidSchema);
}

#[tokio::test]
async fn a_field_that_asks_for_an_index_later_is_found_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db");
    let stage = FieldSchema::new("Stage", FieldType::Text);
    let query = Query::of("Contact").filter(Filter::is_in("Stage", ["open", "won"]));
    let store = open(&file, std::slice::from_ref(&stage)).await.unwrap();
    let plan = store.explain(&query).await.unwrap().to_string();
    assert!(!plan.contains("r_contact stage"), "{plan}");
    drop(store);
    let store = open(&file, &[stage.indexed()]).await.unwrap();
    let plan = store.explain(&query).await.unwrap().to_string();
    assert!(plan.contains("r_contact stage"), "{plan}");
}
