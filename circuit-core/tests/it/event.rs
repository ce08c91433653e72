//! What handlers see in each event (A1, A2, A3).

use circuit_core::{ErrorKind, Query, Record, TriggerEvent, TriggerRegistration, Value};
use circuit_testkit::Recorder;

use crate::support::{by_id, circuit, contacts, on};

/// Notes `event size new(ids) old` for every event.
fn watch(seen: &Recorder) -> TriggerRegistration {
    let seen = seen.clone();
    TriggerRegistration::sync("Contact", TriggerEvent::ALL, "watch", move |ctx| {
        let new = ctx.try_new_records().map_or("-".to_owned(), |rows| rows.len().to_string());
        let old = ctx.try_old_records().map_or("-".to_owned(), |rows| rows.len().to_string());
        seen.note(format!(
            "{} {} new {new} old {old} ids {}",
            ctx.event(),
            ctx.size(),
            ctx.ids().len()
        ));
        Ok(())
    })
}

#[tokio::test]
async fn images_and_ids_follow_the_table_of_events() {
    let seen = Recorder::default();
    let circuit = circuit([watch(&seen)]);
    let id = circuit.insert(contacts(1)).await.unwrap().results()[0].id().cloned().unwrap();
    circuit.update(by_id("Contact", &id).with("LastName", "M")).await.unwrap();
    circuit.delete(by_id("Contact", &id)).await.unwrap();
    circuit.undelete(by_id("Contact", &id)).await.unwrap();
    assert_eq!(
        seen.take(),
        [
            "beforeInsert 1 new 1 old - ids 0",
            "afterInsert 1 new 1 old - ids 1",
            "beforeUpdate 1 new 1 old 1 ids 1",
            "afterUpdate 1 new 1 old 1 ids 1",
            "beforeDelete 1 new - old 1 ids 1",
            "afterDelete 1 new - old 1 ids 1",
            "afterUndelete 1 new 1 old - ids 1",
        ]
    );
}

#[tokio::test]
async fn a_call_of_450_rows_is_three_invocations_of_at_most_200() {
    let seen = Recorder::default();
    let log = seen.clone();
    let circuit = circuit([on("Contact", TriggerEvent::AfterInsert, "chunks", move |ctx| {
        let chunk = ctx.chunk();
        log.note(format!("{} of {} ({}/{})", ctx.size(), chunk.total, chunk.number, chunk.of));
        Ok(())
    })]);
    circuit.insert(contacts(450)).await.unwrap();
    assert_eq!(seen.take(), ["200 of 450 (1/3)", "200 of 450 (2/3)", "50 of 450 (3/3)"]);
}

#[tokio::test]
async fn a_before_handler_changes_what_is_stored_and_costs_no_dml() {
    let circuit = circuit([on("Contact", TriggerEvent::BeforeInsert, "upper", |ctx| {
        for contact in ctx.try_new_records_mut()? {
            let name: String = contact.read("LastName")?;
            contact.set("LastName", name.to_uppercase());
        }
        Ok(())
    })]);
    let outcome = circuit.insert(Record::new("Contact").with("LastName", "ada")).await.unwrap();
    let stored: Vec<Record> = circuit.query(Query::of("Contact")).await.unwrap();
    assert_eq!(stored[0].get("LastName"), Some(&Value::from("ADA")));
    assert_eq!((outcome.usage().dml_statements(), outcome.usage().dml_rows()), (1, 1));
}

#[tokio::test]
async fn a_later_before_handler_sees_what_an_earlier_one_wrote() {
    let set = on("Contact", TriggerEvent::BeforeInsert, "set", |ctx| {
        ctx.try_new_records_mut()?[0].set("Status", "NEW");
        Ok(())
    });
    let seen = Recorder::default();
    let log = seen.clone();
    let read = on("Contact", TriggerEvent::BeforeInsert, "read", move |ctx| {
        log.note(ctx.try_new_records()?[0].read::<String>("Status")?);
        Ok(())
    });
    circuit([read.with_order(2), set.with_order(1)]).insert(contacts(1)).await.unwrap();
    assert_eq!(seen.take(), ["NEW"]);
}

#[tokio::test]
async fn an_after_handler_cannot_change_its_records() {
    let circuit = circuit([on("Contact", TriggerEvent::AfterInsert, "late", |ctx| {
        ctx.try_new_records_mut()?[0].set("Status", "NEW");
        Ok(())
    })]);
    let error = circuit.insert(contacts(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Handler);
    assert!(format!("{error:?}").contains("the records are read-only"), "{error:?}");
}

#[tokio::test]
async fn old_images_are_what_was_stored_before_the_update() {
    let seen = Recorder::default();
    let log = seen.clone();
    let circuit = circuit([on("Contact", TriggerEvent::AfterUpdate, "diff", move |ctx| {
        let (new, old) = (&ctx.try_new_records()?[0], &ctx.try_old_records()?[0]);
        log.note(format!("{} -> {}", old.read::<i64>("N")?, new.read::<i64>("N")?));
        Ok(())
    })]);
    let id = circuit.insert(Record::new("Contact").with("N", 1)).await.unwrap().value[0]
        .id()
        .cloned()
        .unwrap();
    circuit.update(by_id("Contact", &id).with("N", 10)).await.unwrap();
    assert_eq!(seen.take(), ["1 -> 10"]);
}

#[tokio::test]
async fn an_update_leaves_absent_fields_alone() {
    let circuit = circuit([]);
    let full = Record::new("Contact").with("A", 1).with("B", 2);
    let id = circuit.insert(full).await.unwrap().value[0].id().cloned().unwrap();
    circuit.update(by_id("Contact", &id).with("B", Value::Null)).await.unwrap();
    let stored: Vec<Record> = circuit.query(Query::of("Contact")).await.unwrap();
    assert_eq!(stored[0].get("A"), Some(&Value::Integer(1)));
    assert_eq!(stored[0].get("B"), Some(&Value::Null));
}

#[tokio::test]
async fn handlers_of_a_call_with_several_objects_run_per_run_of_one_object() {
    let seen = Recorder::default();
    let watch = |object: &str| {
        let log = seen.clone();
        on(object, TriggerEvent::AfterInsert, "watch", move |ctx| {
            log.note(format!("{} {}", ctx.object(), ctx.size()));
            Ok(())
        })
    };
    let circuit = circuit([watch("A"), watch("B")]);
    let objects = ["A", "A", "B", "A"];
    circuit.insert(objects.map(Record::new)).await.unwrap();
    assert_eq!(seen.take(), ["A 2", "B 1", "A 1"]);
}

#[tokio::test]
async fn a_handler_that_changes_the_id_refuses_the_row() {
    let circuit = circuit([on("Contact", TriggerEvent::BeforeUpdate, "swap", |ctx| {
        ctx.try_new_records_mut()?[0].set("Id", Value::Id("other".parse()?));
        Ok(())
    })]);
    let id = circuit.insert(contacts(1)).await.unwrap().value[0].id().cloned().unwrap();
    let error = circuit.update(by_id("Contact", &id)).await.unwrap_err();
    assert_eq!(error.failures()[0].status.as_str(), "INVALID_FIELD_FOR_INSERT_UPDATE");
}
