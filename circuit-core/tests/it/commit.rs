//! The end of an execution: commits, conflicts and what the host learns.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use circuit_core::{
    Circuit, ErrorKind, Filter, IdPolicy, Query, Record, RecordId, TriggerEvent,
    TriggerRegistration,
};
use circuit_db::Memory;
use circuit_testkit::{Fault, FaultyDB};

use crate::support::{builder, by_id, circuit, contacts, on};

#[tokio::test]
async fn several_calls_of_one_run_are_one_transaction() {
    let circuit = circuit([]);
    let run = circuit.run(|execution| async move {
        execution.insert(contacts(2)).await?;
        execution.insert(Record::new("Task")).await?;
        execution.update(Record::new("Task")).await
    });
    assert_eq!(run.await.unwrap_err().kind(), ErrorKind::Dml);
    assert!(circuit.query::<Record>(Query::from("Contact")).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_conflict_runs_the_execution_again_from_its_first_input() {
    let store = FaultyDB::new(Memory::new());
    store.queue(Fault::Conflict);
    let runs = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&runs);
    let add = on("Contact", TriggerEvent::BeforeInsert, "add", move |ctx| {
        count.fetch_add(1, Ordering::Relaxed);
        for contact in ctx.try_new_records_mut()? {
            let n: i64 = contact.read("N")?;
            contact.set("N", n + 1);
        }
        Ok(())
    });
    let circuit = builder([add]).backend(store).build().unwrap();
    let outcome = circuit.insert(Record::new("Contact").with("N", 1)).await.unwrap();
    let stored: Vec<Record> = circuit.query(Query::from("Contact")).await.unwrap();
    assert_eq!(stored[0].read::<i64>("N").unwrap(), 2);
    assert_eq!((outcome.reruns(), runs.load(Ordering::Relaxed)), (1, 2));
}

#[tokio::test]
async fn after_three_reruns_a_conflict_is_apexs_lock_error() {
    let store = FaultyDB::new(Memory::new());
    (0..4).for_each(|_| store.queue(Fault::Conflict));
    let circuit = builder([]).backend(store).build().unwrap();
    let error = circuit.insert(contacts(1)).await.unwrap_err();
    assert!(error.is_conflict() && error.is_retryable());
    assert_eq!(error.context("status"), Some("UNABLE_TO_LOCK_ROW"));
    assert_eq!(error.context("reruns"), Some("3"));
}

#[tokio::test]
async fn a_store_that_fails_is_a_retryable_error_with_the_executions_id() {
    let store = FaultyDB::new(Memory::new());
    store.queue(Fault::Unavailable);
    let circuit = builder([]).backend(store).build().unwrap();
    let error = circuit.insert(contacts(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.context("execution").is_some());
}

#[tokio::test]
async fn ids_that_the_store_assigns_are_final_in_the_outcome_and_in_references() {
    let store = Memory::builder().ids(IdPolicy::Store).build().unwrap();
    let task = TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "task", |ctx| {
        Box::pin(async move {
            let tasks: Vec<Record> =
                ctx.ids().iter().map(|id| Record::new("Task").with("WhoId", id)).collect();
            ctx.insert(tasks).await?;
            Ok(())
        })
    });
    let circuit = builder([task]).backend(store).build().unwrap();
    let outcome = circuit.insert(contacts(1)).await.unwrap();
    let id = &outcome.results()[0].id;
    assert!(!id.is_placeholder());
    let of_contact = Query::from("Task").filter(Filter::eq("WhoId", id));
    assert_eq!(circuit.query::<Record>(of_contact).await.unwrap().len(), 1);
}

/// Adds one to a counter in its before handler, and tries again when it lost every rerun.
async fn add_one(circuit: Circuit, id: RecordId) {
    loop {
        match circuit.update(by_id("Counter", &id)).await {
            Ok(_) => return,
            Err(error) => assert!(error.is_conflict(), "{error:?}"),
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn executions_that_write_one_record_at_once_lose_no_update() {
    let add = on("Counter", TriggerEvent::BeforeUpdate, "add", |ctx| {
        let n: i64 = ctx.try_old_records()?[0].read("N")?;
        ctx.try_new_records_mut()?[0].set("N", n + 1);
        Ok(())
    });
    let circuit = circuit([add]);
    let counter = Record::new("Counter").with("N", 0);
    let id = circuit.insert(counter).await.unwrap().value[0].id.clone();
    let tasks: Vec<_> =
        (0..200).map(|_| tokio::spawn(add_one(circuit.clone(), id.clone()))).collect();
    for task in tasks {
        task.await.unwrap();
    }
    let stored: Vec<Record> = circuit.query(Query::from("Counter")).await.unwrap();
    assert_eq!(stored[0].read::<i64>("N").unwrap(), 200);
}
