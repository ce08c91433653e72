//! Errors of rows and of calls (A6).

use circuit_core::{ErrorKind, IdPolicy, Query, Record, StatusCode, TriggerEvent};
use circuit_db::Memory;
use circuit_testkit::Recorder;

use crate::support::{builder, by_id, circuit, contacts, on};

#[tokio::test]
async fn every_error_of_every_record_is_collected_by_original_index() {
    let circuit = circuit([on("Contact", TriggerEvent::BeforeInsert, "odd", |ctx| {
        for row in ctx.try_new_records()? {
            if row.index() % 100 == 99 {
                row.add_error("ends in 99");
                row.add_field_error("LastName", "is odd too");
            }
        }
        Ok(())
    })]);
    let error = circuit.insert(contacts(450)).await.unwrap_err();
    let seen: Vec<_> = error.failures().iter().map(|f| (f.index, f.fields.len())).collect();
    assert_eq!(
        seen,
        [(99, 0), (99, 1), (199, 0), (199, 1), (299, 0), (299, 1), (399, 0), (399, 1),]
    );
    assert_eq!(error.kind(), ErrorKind::Dml);
    assert!(error.message().contains("4 of 450"), "{error}");
}

#[tokio::test]
async fn one_refused_record_leaves_no_trace_of_the_others() {
    let circuit = circuit([on("Contact", TriggerEvent::AfterInsert, "veto", |ctx| {
        ctx.try_new_records()?[0].add_error("no");
        Ok(())
    })]);
    circuit.insert(contacts(3)).await.unwrap_err();
    assert!(circuit.query::<Record>(Query::of("Contact")).await.unwrap().is_empty());
}

#[tokio::test]
async fn clean_siblings_of_a_refused_row_still_reach_the_after_phase() {
    let seen = Recorder::default();
    let log = seen.clone();
    let before = on("Contact", TriggerEvent::BeforeInsert, "first", |ctx| {
        ctx.try_new_records()?[0].add_error("no");
        Ok(())
    });
    let after = on("Contact", TriggerEvent::AfterInsert, "after", move |ctx| {
        log.note(ctx.size());
        Ok(())
    });
    circuit([before, after]).insert(contacts(3)).await.unwrap_err();
    assert_eq!(seen.take(), ["2"]);
}

#[tokio::test]
async fn an_error_on_an_old_record_refuses_its_delete() {
    let circuit = circuit([on("Contact", TriggerEvent::BeforeDelete, "keep", |ctx| {
        ctx.try_old_records()?[0].add_error("keep it");
        Ok(())
    })]);
    let id = circuit.insert(contacts(1)).await.unwrap().value[0].id().cloned().unwrap();
    let error = circuit.delete(by_id("Contact", &id)).await.unwrap_err();
    assert_eq!(error.failures()[0].message, "keep it");
    assert_eq!(circuit.query::<Record>(Query::of("Contact")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_handlers_error_names_handler_object_event_and_execution() {
    let circuit = circuit([on("Contact", TriggerEvent::BeforeInsert, "parse", |_| {
        "x".parse::<i64>()?;
        Ok(())
    })]);
    let error = circuit.insert(contacts(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Handler);
    assert_eq!(error.context("handler"), Some("parse"));
    assert_eq!(error.context("object"), Some("Contact"));
    assert_eq!(error.context("event"), Some("beforeInsert"));
    assert_eq!(error.context("execution"), Some("00000000-0000-0000-0000-000000000001"));
    assert!(format!("{error:?}").contains("invalid digit"), "{error:?}");
}

#[tokio::test]
async fn a_missing_record_is_refused_by_row() {
    let error = circuit([]).update(by_id("Contact", &"gone".parse().unwrap())).await.unwrap_err();
    assert_eq!(error.failures()[0].status, StatusCode::EntityIsDeleted);
}

#[tokio::test]
async fn an_update_without_an_id_is_refused_by_row() {
    let error = circuit([]).update(Record::new("Contact")).await.unwrap_err();
    assert_eq!(error.failures()[0].status, StatusCode::MissingArgument);
}

#[tokio::test]
async fn an_id_twice_in_one_update_refuses_the_call_before_any_handler() {
    let seen = Recorder::default();
    let log = seen.clone();
    let circuit = circuit([on("Contact", TriggerEvent::BeforeUpdate, "watch", move |_| {
        log.note("ran");
        Ok(())
    })]);
    let id = circuit.insert(contacts(1)).await.unwrap().value[0].id().cloned().unwrap();
    let error = circuit.update([by_id("Contact", &id), by_id("Contact", &id)]).await.unwrap_err();
    assert_eq!(
        (error.failures()[0].index, error.failures()[0].status),
        (1, StatusCode::DuplicateValue)
    );
    assert!(seen.take().is_empty());
}

#[tokio::test]
async fn an_id_that_is_taken_is_refused_by_row() {
    let circuit = circuit([]);
    let own = |id: &str| Record::new("Contact").with_id(id.parse().unwrap());
    circuit.insert([own("c1"), own("c2")]).await.unwrap();
    let error = circuit.insert([own("c3"), own("c2"), own("c3")]).await.unwrap_err();
    let rows: Vec<_> = error.failures().iter().map(|f| (f.index, f.status)).collect();
    assert_eq!(rows, [(1, StatusCode::DuplicateValue), (2, StatusCode::DuplicateValue)]);
}

#[tokio::test]
async fn an_id_on_insert_is_apexs_error_where_the_store_assigns_ids() {
    let store = Memory::builder().ids(IdPolicy::Store).build().unwrap();
    let circuit = builder([]).backend(store).build().unwrap();
    let error = circuit.insert(by_id("Contact", &"c1".parse().unwrap())).await.unwrap_err();
    assert_eq!(error.failures()[0].status, StatusCode::InvalidFieldForInsertUpdate);
}

#[tokio::test]
async fn an_empty_list_does_nothing_and_costs_nothing() {
    let outcome = circuit([]).insert(Vec::<Record>::new()).await.unwrap();
    assert_eq!(outcome.usage().dml_statements(), 0);
}

#[tokio::test]
async fn an_id_that_is_written_as_text_is_an_id() {
    let circuit = circuit([]);
    let contact = Record::new("Contact").with("Id", "003000000000001").with("N", 1);
    circuit.insert(contact.clone()).await.unwrap();
    circuit.update(contact.with("N", 2)).await.unwrap();
}

#[tokio::test]
async fn an_id_twice_is_seen_whatever_the_case_of_the_object() {
    let circuit = circuit([]);
    circuit.insert(by_id("Lead", &"1".parse().unwrap())).await.unwrap();
    let id = "1".parse().unwrap();
    let rows = [by_id("Lead", &id).with("A", 1), by_id("LEAD", &id).with("B", 2)];
    let error = circuit.update(rows).await.unwrap_err();
    assert_eq!(error.failures()[0].index, 1);
    assert_eq!(error.context("object"), Some("Lead"));
}
