//! Field updates after the save, and the one re-fire that follows (A5).

use circuit_core::{ErrorKind, Record, TriggerEvent, TriggerRegistration, Value};
use circuit_db::Memory;
use circuit_testkit::Recorder;

use crate::support::{builder, by_id, circuit, on};

/// Raises `N` by one after each save, as a workflow rule would.
fn rule(event: TriggerEvent) -> TriggerRegistration {
    on("Contact", event, "rule", |ctx| {
        for row in ctx.try_new_records()? {
            ctx.field_update(row, "N", row.read::<i64>("N")? + 1)?;
        }
        Ok(())
    })
}

/// Notes old and new values and whether it is the re-fire.
fn noting(seen: &Recorder, event: TriggerEvent) -> TriggerRegistration {
    let log = seen.clone();
    on("Contact", event, event.name(), move |ctx| {
        let new: i64 = ctx.try_new_records()?[0].read("N")?;
        let old = ctx.try_old_records().map(|old| old[0].read::<i64>("N"));
        let old = old.map_or_else(|_| "-".to_owned(), |old| old.unwrap().to_string());
        let again = if ctx.is_refire() { " again" } else { "" };
        log.note(format!("{} {old}->{new}{again}", ctx.event()));
        Ok(())
    })
}

#[tokio::test]
async fn a_field_update_fires_update_handlers_once_more_with_the_old_of_the_original_save() {
    let seen = Recorder::default();
    let circuit = circuit([
        rule(TriggerEvent::AfterUpdate),
        noting(&seen, TriggerEvent::BeforeUpdate),
        noting(&seen, TriggerEvent::AfterUpdate),
    ]);
    let outcome = circuit.insert(Record::new("Contact").with("N", 1)).await.unwrap();
    let id = outcome.ids().next().cloned().unwrap();
    let outcome = circuit.update(by_id("Contact", &id).with("N", 10)).await.unwrap();
    assert_eq!(
        seen.take(),
        [
            "beforeUpdate 1->10",
            "afterUpdate 1->10",
            "beforeUpdate 1->11 again",
            "afterUpdate 1->11 again",
        ]
    );
    assert_eq!((outcome.usage().dml_statements(), outcome.usage().dml_rows()), (1, 1));
    let stored: Vec<Record> = circuit.query(circuit_core::Query::of("Contact")).await.unwrap();
    assert_eq!(stored[0].get("N"), Some(&Value::Integer(11)));
}

#[tokio::test]
async fn after_an_insert_too_the_update_handlers_fire() {
    let seen = Recorder::default();
    let circuit = circuit([
        rule(TriggerEvent::AfterInsert),
        noting(&seen, TriggerEvent::AfterInsert),
        noting(&seen, TriggerEvent::BeforeUpdate),
        noting(&seen, TriggerEvent::AfterUpdate),
    ]);
    circuit.insert(Record::new("Contact").with("N", 1)).await.unwrap();
    let again = ["beforeUpdate 1->2 again", "afterUpdate 1->2 again"];
    assert_eq!(seen.take(), [&["afterInsert -->1"][..], &again].concat());
}

#[tokio::test]
async fn the_re_fire_is_no_recursion_for_a_handler_that_sees_each_record_once() {
    let seen = Recorder::default();
    let circuit = circuit([
        rule(TriggerEvent::AfterUpdate),
        noting(&seen, TriggerEvent::AfterUpdate).once_per_record(),
    ]);
    let outcome = circuit.insert(Record::new("Contact").with("N", 1)).await.unwrap();
    let id = outcome.ids().next().cloned().unwrap();
    circuit.update(by_id("Contact", &id).with("N", 10)).await.unwrap();
    assert_eq!(seen.take().len(), 2);
}

#[tokio::test]
async fn a_record_that_the_re_fire_refuses_is_refused() {
    let veto = on("Contact", TriggerEvent::BeforeUpdate, "veto", |ctx| {
        if ctx.is_refire() {
            ctx.try_new_records()?[0].add_error("no");
        }
        Ok(())
    });
    let circuit = circuit([rule(TriggerEvent::AfterInsert), veto]);
    let error = circuit.insert(Record::new("Contact").with("N", 1)).await.unwrap_err();
    assert_eq!(error.failures()[0].message, "no");
}

#[tokio::test]
async fn there_is_no_field_update_before_the_save() {
    let early = on("Contact", TriggerEvent::BeforeInsert, "early", |ctx| {
        let row = &ctx.try_new_records()?[0];
        let error = ctx.field_update(row, "N", 1).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotInThisEvent);
        Ok(())
    });
    builder([early])
        .backend(Memory::new())
        .build()
        .unwrap()
        .insert(Record::new("Contact"))
        .await
        .unwrap();
}
