//! Panics and dropped futures.

use std::time::Duration;

use circuit_core::{ErrorKind, HandlerError, Query, Record, TriggerEvent, TriggerRegistration};

use crate::support::{circuit, contacts, on};

#[tokio::test]
async fn a_panic_names_handler_and_place_and_leaves_the_engine_usable() {
    let circuit = circuit([on("Contact", TriggerEvent::AfterInsert, "boom", |ctx| {
        assert!(ctx.size() < 2, "too many for me");
        Ok(())
    })]);
    let error = circuit.insert(contacts(2)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HandlerPanicked);
    assert!(error.message().contains("too many for me"), "{error}");
    assert_eq!(error.context("handler"), Some("boom"));
    assert!(error.context("at").unwrap().contains("panic.rs:"), "{error}");
    assert!(circuit.query::<Record>(Query::of("Contact")).await.unwrap().is_empty());
    circuit.insert(contacts(1)).await.unwrap();
}

#[tokio::test]
async fn a_panic_in_a_nested_handler_can_be_caught_by_the_outer_one() {
    let outer = TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "outer", |ctx| {
        Box::pin(async move {
            let error = ctx.insert(Record::new("Task")).await.unwrap_err();
            assert_eq!(error.context("handler"), Some("inner"));
            Ok(())
        })
    });
    let inner = on("Task", TriggerEvent::BeforeInsert, "inner", |_| panic!("inner"));
    let circuit = circuit([outer, inner]);
    circuit.insert(contacts(1)).await.unwrap();
    assert!(circuit.query::<Record>(Query::of("Task")).await.unwrap().is_empty());
    assert_eq!(circuit.query::<Record>(Query::of("Contact")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn dropping_the_future_rolls_back() {
    let circuit =
        circuit([TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "wait", |_| {
            Box::pin(std::future::pending::<Result<(), HandlerError>>())
        })]);
    let call = tokio::time::timeout(Duration::from_millis(1), circuit.insert(contacts(1)));
    assert!(call.await.is_err());
    assert!(circuit.query::<Record>(Query::of("Contact")).await.unwrap().is_empty());
}
