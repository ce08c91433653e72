//! Schemas on the save path: defaults, checks, unique fields.

use circuit_core::{
    Circuit, FieldSchema, FieldType, ObjectSchema, Query, Record, StatusCode, TriggerEvent, Value,
};
use circuit_db::Memory;

use crate::support::{builder, by_id, on};

fn lead() -> ObjectSchema {
    ObjectSchema::new("Lead")
        .with_field(FieldSchema::new("Email", FieldType::Text).unique().with_length(20))
        .with_field(FieldSchema::new("Status", FieldType::Text).with_default("NEW").required())
        .with_field(FieldSchema::new("Born", FieldType::Date))
}

fn leads() -> Circuit {
    let store = Memory::builder().schema(lead()).build().unwrap();
    builder([]).backend(store).build().unwrap()
}

fn email(text: &str) -> Record {
    Record::new("Lead").with("Email", text)
}

#[tokio::test]
async fn declared_fields_get_their_default_else_null() {
    let circuit = leads();
    circuit.insert(email("a@b.c")).await.unwrap();
    let stored: Vec<Record> = circuit.query(Query::of("Lead")).await.unwrap();
    assert_eq!(stored[0].get("Status"), Some(&Value::from("NEW")));
    assert_eq!(stored[0].get("Born"), Some(&Value::Null));
}

#[tokio::test]
async fn a_before_handler_can_fill_a_required_field() {
    let fill = on("Lead", TriggerEvent::BeforeInsert, "fill", |ctx| {
        ctx.try_new_records_mut()?[0].set("Status", "OPEN");
        Ok(())
    });
    let store = Memory::builder().schema(lead()).build().unwrap();
    let circuit = builder([fill]).backend(store).build().unwrap();
    circuit.insert(email("a@b.c").with("Status", Value::Null)).await.unwrap();
}

#[tokio::test]
async fn what_a_before_handler_breaks_is_refused() {
    let spoil = on("Lead", TriggerEvent::BeforeInsert, "spoil", |ctx| {
        ctx.try_new_records_mut()?[0].set("Born", "yesterday");
        Ok(())
    });
    let store = Memory::builder().schema(lead()).build().unwrap();
    let circuit = builder([spoil]).backend(store).build().unwrap();
    let error = circuit.insert(email("a@b.c")).await.unwrap_err();
    assert_eq!(error.failures()[0].status, StatusCode::InvalidType);
}

#[tokio::test]
async fn a_unique_value_that_is_taken_is_refused_by_row() {
    let circuit = leads();
    circuit.insert(email("a@b.c")).await.unwrap();
    let error = circuit.insert([email("x@y.z"), email("A@B.C"), email("X@Y.Z")]).await.unwrap_err();
    let rows: Vec<_> = error.failures().iter().map(|f| (f.index, f.status)).collect();
    assert_eq!(rows, [(1, StatusCode::DuplicateValue), (2, StatusCode::DuplicateValue)]);
}

#[tokio::test]
async fn a_unique_value_is_free_once_its_holder_let_it_go_in_the_same_execution() {
    let circuit = leads();
    let id = circuit.insert(email("a@b.c")).await.unwrap().value[0].id().cloned().unwrap();
    let run = circuit.run(|execution| {
        let id = id.clone();
        async move {
            execution.update(by_id("Lead", &id).with("Email", "new@b.c")).await?;
            execution.insert(email("a@b.c")).await
        }
    });
    run.await.unwrap();
    assert_eq!(circuit.query::<Record>(Query::of("Lead")).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_record_keeps_its_own_unique_value() {
    let circuit = leads();
    let id = circuit.insert(email("a@b.c")).await.unwrap().value[0].id().cloned().unwrap();
    circuit.update(by_id("Lead", &id).with("Email", "A@b.c")).await.unwrap();
}

#[tokio::test]
async fn an_unknown_field_is_refused_with_a_suggestion() {
    let error = leads().insert(Record::new("Lead").with("Emial", "a@b.c")).await.unwrap_err();
    assert_eq!(error.failures()[0].status, StatusCode::InvalidField);
    assert!(error.failures()[0].message.contains("did you mean `Email`?"));
}

#[tokio::test]
async fn a_unique_value_can_move_on_in_one_call() {
    let circuit = leads();
    let rows = vec![email("a@b.c"), email("d@e.f")];
    let outcome = circuit.insert(rows).await.unwrap();
    let ids: Vec<_> = outcome.ids().cloned().collect();
    let moved = [
        by_id("Lead", &ids[0]).with("Email", "d@e.f"),
        by_id("Lead", &ids[1]).with("Email", "g@h.i"),
    ];
    circuit.update(moved).await.unwrap();
    let swapped = [
        by_id("Lead", &ids[0]).with("Email", "g@h.i"),
        by_id("Lead", &ids[1]).with("Email", "d@e.f"),
    ];
    circuit.update(swapped).await.unwrap();
    let twice = [
        by_id("Lead", &ids[0]).with("Email", "x@y.z"),
        by_id("Lead", &ids[1]).with("Email", "x@y.z"),
    ];
    let error = circuit.update(twice).await.unwrap_err();
    assert_eq!(error.failures()[0].status, StatusCode::DuplicateValue);
}

#[tokio::test]
async fn a_store_without_open_objects_refuses_an_unknown_one_at_the_call() {
    let store = Memory::builder().schema(lead()).closed().build().unwrap();
    let circuit = builder([]).backend(store).build().unwrap();
    let run = circuit.run(|execution| async move {
        let error = execution.insert(Record::new("Laed")).await.unwrap_err();
        assert_eq!(error.kind(), circuit_core::ErrorKind::InvalidInput);
        assert_eq!(error.context("object"), Some("Laed"));
        assert_eq!(error.context("handler"), Some("host"));
        Ok(())
    });
    run.await.unwrap();
}

#[tokio::test]
async fn a_placeholder_from_outside_is_no_id() {
    let lead = email("a@b.c").with_id(circuit_core::RecordId::placeholder(1));
    let error = leads().insert(lead).await.unwrap_err();
    assert_eq!(error.failures()[0].status, StatusCode::InvalidType);
}
