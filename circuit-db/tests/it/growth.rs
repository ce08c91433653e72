//! PostgreSQL: schemas that gain fields, and those that contradict what is stored.

use circuit_core::{
    Circuit, CircuitDB, CommitOutcome, CommitPlan, Error, ErrorKind, FetchKey, FetchRequest,
    FieldPath, FieldSchema, FieldType, Filter, ObjectSchema, OnDelete, Operand, Query, Record,
    RecordId, Registry, Value, Write, WriteKind,
};
use circuit_db::Postgres;

use crate::postgres;
use crate::server::Server;

fn contact(fields: &[FieldSchema]) -> ObjectSchema {
    fields.iter().cloned().fold(ObjectSchema::new("Contact"), ObjectSchema::with_field)
}

async fn open(namespace: &str, fields: &[FieldSchema]) -> Result<Postgres, Error> {
    let builder = Postgres::builder().schema(contact(fields)).namespace(namespace);
    builder.connect(&postgres::url()).await
}

/// A store to which the object was never declared.
async fn undeclared(namespace: &str) -> Postgres {
    Postgres::builder().namespace(namespace).connect(&postgres::url()).await.unwrap()
}

async fn insert(store: &Postgres, record: Record) {
    let id = record.id().unwrap().clone();
    let plan = CommitPlan::new(vec![Write::new(WriteKind::Insert, id, record)]);
    let outcome = store.commit(plan).await.unwrap();
    assert!(matches!(outcome, CommitOutcome::Committed { .. }), "{outcome:?}");
}

async fn read(store: &Postgres, id: &str, field: &str) -> Option<Value> {
    let found = store.fetch(&FetchRequest::by_id("Contact", [id.parse().unwrap()])).await.unwrap();
    found[0].as_ref().unwrap().record.get(field).cloned()
}

fn record(id: &str) -> Record {
    Record::new("Contact").with_id(id.parse().unwrap())
}

fn by_email(value: &str) -> FetchRequest {
    let key = FetchKey::Unique { field: "Email".into(), value: value.into() };
    FetchRequest::by_keys("Contact", vec![key])
}

#[tokio::test]
async fn values_move_into_the_columns_of_fields_that_were_declared_later() {
    let namespace = postgres::namespace();
    let store = undeclared(&namespace).await;
    insert(&store, record("c1").with("Born", "2026-02-28").with("EMAIL", "Ada@b.c").with("Fax", 1))
        .await;
    insert(&store, record("c2").with("Fax", 2)).await;
    let fields = [
        FieldSchema::new("born", FieldType::Date),
        FieldSchema::new("Email", FieldType::Text).unique(),
        FieldSchema::new("At", FieldType::DateTime),
    ];
    let store = open(&namespace, &fields).await.unwrap();
    assert_eq!(read(&store, "c1", "Born").await.unwrap().type_name(), "date");
    assert_eq!(read(&store, "c1", "Fax").await, Some(Value::Integer(1)));
    assert_eq!(read(&store, "c2", "Fax").await, Some(Value::Integer(2)));
    assert!(store.fetch(&by_email("ada@B.c")).await.unwrap()[0].is_some());
    let query = Query::of("Contact").filter(Filter::like("Email", "ADA%"));
    assert_eq!(store.query(&query).await.unwrap().count, 1);
}

#[tokio::test]
async fn thousands_of_values_move() {
    let namespace = postgres::namespace();
    let store = undeclared(&namespace).await;
    let writes = (0..2_500).map(|n| {
        let record = record(&format!("c{n}")).with("Email", format!("{n}@b.c"));
        Write::new(WriteKind::Insert, record.id().unwrap().clone(), record)
    });
    store.commit(CommitPlan::new(writes.collect())).await.unwrap();
    let email = FieldSchema::new("Email", FieldType::Text);
    let store = open(&namespace, std::slice::from_ref(&email)).await.unwrap();
    let query = Query::of("Contact").filter(Filter::like("Email", "%@B.c")).count();
    assert_eq!(store.query(&query).await.unwrap().count, 2_500);
    let store = open(&namespace, &[email.unique()]).await.unwrap();
    assert!(store.fetch(&by_email("2499@b.C")).await.unwrap()[0].is_some());
}

#[tokio::test]
async fn stored_values_that_do_not_fit_stop_the_connecting_and_stay() {
    let namespace = postgres::namespace();
    let store = undeclared(&namespace).await;
    insert(&store, record("c1").with("Born", "yesterday")).await;
    let born = FieldSchema::new("Born", FieldType::Date);
    let error = open(&namespace, &[born]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidSchema);
    assert_eq!((error.context("object"), error.context("field")), (Some("Contact"), Some("Born")));
    assert_eq!(error.context("values"), Some("1"));
    let store = undeclared(&namespace).await;
    assert_eq!(read(&store, "c1", "Born").await, Some(Value::from("yesterday")));
}

#[tokio::test]
async fn a_field_cannot_change_its_type() {
    let namespace = postgres::namespace();
    open(&namespace, &[FieldSchema::new("Age", FieldType::Integer)]).await.unwrap();
    let error = open(&namespace, &[FieldSchema::new("Age", FieldType::Text)]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidSchema);
    assert_eq!((error.context("object"), error.context("field")), (Some("Contact"), Some("Age")));
    let types = (error.context("stored"), error.context("declared"));
    assert_eq!(types, (Some("integer"), Some("text")));
}

#[tokio::test]
async fn nothing_is_asked_of_a_field_that_is_no_longer_declared() {
    let namespace = postgres::namespace();
    let email = FieldSchema::new("Email", FieldType::Text).required().unique();
    let owner = FieldSchema::new("OwnerId", FieldType::Id);
    let owner = owner.with_reference("User", OnDelete::Restrict);
    open(&namespace, &[email.clone(), owner.clone()]).await.unwrap();
    let store = open(&namespace, &[FieldSchema::new("Name", FieldType::Text)]).await.unwrap();
    let circuit = Circuit::builder().backend(store.clone()).registry(Registry::default());
    let circuit = circuit.build().unwrap();
    circuit.insert(Record::new("Contact").with("Name", "Ada")).await.unwrap();
    for _ in 0..2 {
        circuit.insert(Record::new("Contact").with("Email", "a@b.c")).await.unwrap();
    }
    let stored = store.describe("Contact").unwrap();
    assert_eq!(stored.field("OwnerId").unwrap().reference(), None);
    let error = open(&namespace, std::slice::from_ref(&email)).await.unwrap_err();
    assert!(error.message().contains("not unique"), "{error}");
    assert_eq!(error.context("field"), Some("Email"));
    assert!(!format!("{error:?}").contains("a@b.c"), "{error:?}");
    // The value of one of them goes, and the field may be unique again.
    let two = circuit.query::<Record>(Query::of("Contact").filter(Filter::eq("Email", "a@b.c")));
    circuit.update(two.await.unwrap().remove(0).with("Email", Value::Null)).await.unwrap();
    let store = open(&namespace, &[email, owner]).await.unwrap();
    assert!(store.fetch(&by_email("A@b.c")).await.unwrap()[0].is_some());
}

#[tokio::test]
async fn a_process_with_the_schema_of_before_keeps_working() {
    let namespace = postgres::namespace();
    let email = FieldSchema::new("Email", FieldType::Text).unique();
    let before = open(&namespace, std::slice::from_ref(&email)).await.unwrap();
    insert(&before, record("c1").with("Email", "1@b.c")).await;
    let plain = FieldSchema::new("Email", FieldType::Text);
    let born = FieldSchema::new("Born", FieldType::Date);
    let after = open(&namespace, &[plain, born]).await.unwrap();
    insert(&before, record("c2").with("Email", "2@b.c")).await;
    insert(&after, record("c3").with("Email", "3@b.c")).await;
    for store in [&before, &after] {
        assert_eq!(store.query(&Query::of("Contact")).await.unwrap().count, 3);
    }
}

#[tokio::test]
async fn a_database_of_a_later_format_is_refused() {
    let namespace = postgres::namespace();
    open(&namespace, &[]).await.unwrap();
    let server = Server::connect().await;
    server.run(&format!(r#"UPDATE "{namespace}"._circuit_meta SET value = 2"#)).await;
    let error = open(&namespace, &[]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert_eq!((error.context("format"), error.context("expected")), (Some("2"), Some("1")));
}

#[tokio::test]
async fn names_of_any_kind_are_only_names() {
    let namespace = postgres::namespace() + " \"; DROP";
    let long = "x".repeat(120);
    let names = ["a b", "A-b?", "\"; DROP TABLE x; --", "Größe", &long, &(long.clone() + "y")];
    for object in ["My \"Object\"'; --", &long, &(long.clone() + "z")] {
        let schema = names.iter().fold(ObjectSchema::new(object), |schema, name| {
            let field = FieldSchema::new(*name, FieldType::Text).unique();
            schema.with_field(field)
        });
        let builder = Postgres::builder().schema(schema).namespace(&namespace);
        let store = builder.connect(&postgres::url()).await.unwrap();
        for (n, name) in names.iter().enumerate() {
            let id: RecordId = format!("r{n}").parse().unwrap();
            insert(&store, Record::new(object).with_id(id).with(*name, *name)).await;
            // A path would end at the dot.
            let field = FieldPath { hops: Vec::new(), field: (*name).into() };
            let query = Query::of(object).filter(Operand::Field(field).eq(*name));
            assert_eq!(store.query(&query).await.unwrap().count, 1, "{object} {name}");
            let again = Record::new(object).with_id("again".parse().unwrap()).with(*name, *name);
            let write = Write::new(WriteKind::Insert, "again".parse().unwrap(), again);
            match store.commit(CommitPlan::new(vec![write])).await.unwrap() {
                CommitOutcome::Refused(problems) => {
                    assert_eq!(problems[0].field.as_deref(), Some(*name));
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_wide_object_is_stored_and_a_too_wide_one_is_refused() {
    let of = |fields: usize| {
        let field = |n| FieldSchema::new(format!("Field{n}"), FieldType::Text);
        (0..fields).map(field).collect::<Vec<_>>()
    };
    let namespace = postgres::namespace();
    let store = open(&namespace, &of(700)).await.unwrap();
    let full = (0..700).fold(record("c1"), |record, n| record.with(format!("Field{n}"), "x"));
    insert(&store, full).await;
    assert_eq!(read(&store, "c1", "Field699").await, Some(Value::from("x")));
    let long = "x".repeat(3_000);
    let vast = (0..700).fold(record("c2"), |r, n| r.with(format!("Field{n}"), long.as_str()));
    let write = Write::new(WriteKind::Insert, "c2".parse().unwrap(), vast);
    let error = store.commit(CommitPlan::new(vec![write])).await.unwrap_err();
    assert_eq!((error.kind(), error.context("object")), (ErrorKind::Unsupported, Some("Contact")));
    let error = open(&postgres::namespace(), &of(900)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidSchema);
    assert_eq!(error.context("object"), Some("Contact"));
}
