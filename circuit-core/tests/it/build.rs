//! What `build()` refuses, and the plan.

use circuit_core::{
    Circuit, Condition, Error, ErrorKind, ObjectSchema, Record, Registry, TriggerEvent,
    TriggerRegistration,
};
use circuit_db::Memory;

use crate::support::{builder, on};

#[track_caller]
fn idle(name: &str) -> TriggerRegistration {
    on("Contact", TriggerEvent::AfterInsert, name, |_| Ok(()))
}

fn refused(registrations: impl IntoIterator<Item = TriggerRegistration>) -> Error {
    let error = builder(registrations).strict().backend(Memory::new()).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    error
}

#[test]
fn an_engine_without_a_store_says_how_to_set_one() {
    let error = Circuit::builder().registry(Registry::default()).build().unwrap_err();
    assert!(error.message().contains(".backend("), "{error}");
}

#[test]
fn a_package_that_is_not_linked_is_named() {
    let all = builder([idle("a")]).expect_crates(["acme-triggers"]).backend(Memory::new());
    let error = all.build().unwrap_err();
    assert_eq!(error.context("package"), Some("acme-triggers"));
    assert!(error.message().contains("use acme_triggers as _;"), "{error}");
}

#[test]
fn two_handlers_of_one_object_with_one_name_are_refused_with_both_places() {
    let error = refused([idle("a"), idle("a")]);
    assert!(error.context("at").unwrap().contains("build.rs:"), "{error}");
    assert!(error.message().contains("build.rs:"), "{error}");
}

#[test]
fn equal_explicit_orders_are_refused_when_strict_and_a_warning_otherwise() {
    let both = || [idle("a").with_order(5), idle("b").with_order(5)];
    assert!(refused(both()).message().contains("order 5 for afterInsert"));
    let circuit = builder(both()).backend(Memory::new()).build().unwrap();
    assert_eq!(circuit.warnings().len(), 1);
}

#[test]
fn an_object_that_a_closed_store_lacks_is_refused() {
    let store = Memory::builder().schema(ObjectSchema::new("Lead")).closed().build().unwrap();
    let error = builder([idle("a")]).backend(store).build().unwrap_err();
    assert_eq!(error.context("object"), Some("Contact"));
    assert!(error.message().contains("it has: Lead"), "{error}");
}

#[test]
fn a_condition_on_a_field_that_the_object_lacks_is_refused() {
    static STAGE: Condition = Condition::Changed("Stage");
    let store = Memory::builder().schema(ObjectSchema::new("Contact")).build().unwrap();
    let error = builder([idle("a").with_when(&STAGE)]).backend(store).build().unwrap_err();
    assert_eq!(error.context("field"), Some("Stage"));
}

#[test]
fn the_plan_tells_order_conditions_and_places() {
    let update = on("contact", TriggerEvent::BeforeUpdate, "late", |_| Ok(()));
    let circuit = builder([idle("b").with_order(20), idle("a").with_order(10), update])
        .backend(Memory::new())
        .build()
        .unwrap();
    let lines: Vec<String> = circuit
        .plan()
        .entries()
        .iter()
        .map(|entry| format!("{} {} {} {}", entry.object, entry.event, entry.place, entry.handler))
        .collect();
    assert_eq!(
        lines,
        ["Contact afterInsert 1 a", "Contact afterInsert 2 b", "contact beforeUpdate 1 late",]
    );
    assert!(circuit.plan().to_string().contains("1. a  order 10"), "{}", circuit.plan());
}

#[tokio::test]
async fn object_names_match_without_regard_to_case() {
    let veto = on("CONTACT", TriggerEvent::BeforeInsert, "veto", |ctx| {
        ctx.try_new_records()?[0].add_error("no");
        Ok(())
    });
    let circuit = builder([veto]).backend(Memory::new()).build().unwrap();
    assert!(circuit.insert(Record::new("Contact")).await.is_err());
}
