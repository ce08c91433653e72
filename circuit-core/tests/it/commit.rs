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
    assert!(circuit.query::<Record>(Query::of("Contact")).await.unwrap().is_empty());
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
    let stored: Vec<Record> = circuit.query(Query::of("Contact")).await.unwrap();
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
    let id = outcome.results()[0].id().unwrap();
    assert!(!id.is_placeholder());
    let of_contact = Query::of("Task").filter(Filter::eq("WhoId", id));
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
    let id = circuit.insert(counter).await.unwrap().value[0].id().cloned().unwrap();
    let tasks: Vec<_> =
        (0..200).map(|_| tokio::spawn(add_one(circuit.clone(), id.clone()))).collect();
    for task in tasks {
        task.await.unwrap();
    }
    let stored: Vec<Record> = circuit.query(Query::of("Counter")).await.unwrap();
    assert_eq!(stored[0].read::<i64>("N").unwrap(), 200);
}

#[tokio::test]
async fn a_conflict_that_a_handler_wraps_is_run_again_all_the_same() {
    let store = FaultyDB::new(Memory::new());
    let circuit = builder([]).backend(store.clone()).build().unwrap();
    let id = circuit.insert(Record::new("Contact").with("N", 0)).await.unwrap();
    let id = id.ids().next().cloned().unwrap();
    let runs = Arc::new(AtomicU32::new(0));
    let (count, other, target) = (Arc::clone(&runs), circuit.clone(), id.clone());
    let wraps =
        TriggerRegistration::new("Task", [TriggerEvent::AfterInsert], "wraps", move |ctx| {
            let (count, other, id) = (Arc::clone(&count), other.clone(), target.clone());
            Box::pin(async move {
                let _: Vec<Record> = ctx.query(Query::of("Contact")).await?;
                if count.fetch_add(1, Ordering::Relaxed) == 0 {
                    other.update(by_id("Contact", &id).with("N", 1)).await?;
                }
                let update = ctx.update(by_id("Contact", &id).with("N", 2)).await;
                update.map_err(|_| circuit_core::HandlerError::msg("wrapped"))?;
                Ok(())
            })
        });
    let circuit = builder([wraps]).backend(store).build().unwrap();
    assert_eq!(circuit.insert(Record::new("Task")).await.unwrap().reruns(), 1);
}

#[tokio::test]
async fn a_refused_commit_is_tried_once_more_and_then_names_the_record() {
    let store = FaultyDB::new(Memory::new());
    let circuit = builder([]).backend(store.clone()).build().unwrap();
    store.queue(Fault::Refused);
    assert_eq!(circuit.insert(contacts(1)).await.unwrap().reruns(), 1);
    store.queue(Fault::Refused);
    store.queue(Fault::Refused);
    let error = circuit.insert(contacts(1)).await.unwrap_err();
    assert_eq!(error.context("object"), Some("Contact"));
    assert!(error.failures()[0].message.starts_with("Contact Contact-"), "{error}");
}

#[tokio::test]
async fn a_failed_execution_tells_what_it_used_and_logged() {
    let circuit = circuit([on("Contact", TriggerEvent::AfterInsert, "fails", |ctx| {
        ctx.log().info("about to fail");
        Err(circuit_core::HandlerError::msg("failed"))
    })]);
    let error = circuit.insert(contacts(3)).await.unwrap_err();
    assert_eq!(error.usage().unwrap().dml_rows(), 3);
    assert_eq!(error.log()[0].message, "about to fail");
}

/// Waits a moment in each chunk after the first.
fn slow() -> TriggerRegistration {
    TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "slow", |ctx| {
        Box::pin(async move {
            if ctx.chunk().number > 1 {
                std::future::pending::<()>().await;
            }
            Ok(())
        })
    })
}

/// Polls a future a few times and drops it.
async fn give_up<F: Future>(call: F) {
    let mut call = std::pin::pin!(call);
    for _ in 0..8 {
        let polled = std::future::poll_fn(|context| {
            std::task::Poll::Ready(call.as_mut().poll(context).is_ready())
        });
        assert!(!polled.await, "the call was to hang");
    }
}

#[tokio::test]
async fn an_inner_call_that_is_dropped_is_undone() {
    let circuit = circuit([slow()]);
    let run = circuit.run(|execution| async move {
        execution.insert(Record::new("Task")).await?;
        give_up(execution.insert(contacts(400))).await;
        Ok(())
    });
    run.await.unwrap();
    assert!(circuit.query::<Record>(Query::of("Contact")).await.unwrap().is_empty());
    assert_eq!(circuit.query::<Record>(Query::of("Task")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_call_that_is_under_way_when_its_code_returns_is_an_error() {
    let circuit = circuit([slow()]);
    let run = circuit.run(|execution| async move {
        let other = execution.clone();
        tokio::spawn(async move { other.insert(contacts(400)).await });
        tokio::task::yield_now().await;
        Ok(())
    });
    let error = run.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ExecutionEnded);
    assert!(error.message().contains("under way"), "{error}");
    assert!(circuit.query::<Record>(Query::of("Contact")).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_a_handler_spawned_cannot_write_after_it_returned() {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let sender = std::sync::Mutex::new(Some(sender));
    let leaks = on("Contact", TriggerEvent::AfterInsert, "leaks", move |ctx| {
        let sender = sender.lock().unwrap().take();
        if let Some(sender) = sender {
            drop(sender.send(ctx.execution().clone()));
        }
        Ok(())
    });
    let circuit = circuit([leaks]);
    let receiver = std::sync::Mutex::new(Some(receiver));
    let run = circuit.run(|execution| {
        let receiver = receiver.lock().unwrap().take().unwrap();
        async move {
            execution.insert(contacts(1)).await?;
            let leaked = receiver.await.unwrap();
            let error = leaked.insert(Record::new("Task")).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ExecutionEnded);
            Ok(())
        }
    });
    run.await.unwrap();
}

#[tokio::test]
async fn a_dropped_call_ends_the_places_inside_of_it() {
    let kept: Arc<std::sync::Mutex<Option<circuit_core::Execution>>> = Arc::default();
    let keep = Arc::clone(&kept);
    let inner =
        TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "inner", move |ctx| {
            let keep = Arc::clone(&keep);
            Box::pin(async move {
                drop(ctx.set_savepoint().await?);
                *keep.lock().unwrap() = Some(ctx.execution().clone());
                std::future::pending().await
            })
        });
    let circuit = circuit([inner]);
    let run = circuit.run(|execution| {
        let kept = Arc::clone(&kept);
        async move {
            give_up(execution.insert(contacts(1))).await;
            let leaked = kept.lock().unwrap().take().unwrap();
            let error = leaked.insert(Record::new("Task")).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ExecutionEnded);
            execution.callout(circuit_core::Callout::to("maps"), async {}).await
        }
    });
    run.await.unwrap();
}

#[tokio::test]
async fn a_hook_of_the_engine_that_panics_stops_no_other() {
    let runs = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&runs);
    let circuit = builder([])
        .backend(Memory::new())
        .after_commit("boom", |committed| {
            assert!(committed.execution_id.is_nil(), "boom");
            async { Ok(()) }
        })
        .after_commit("other", move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            async { Ok(()) }
        })
        .build()
        .unwrap();
    let outcome = circuit.insert(contacts(1)).await.unwrap();
    assert_eq!(outcome.post_commit_failures().len(), 1);
    assert_eq!(runs.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn rows_that_a_handler_sorts_keep_their_results() {
    let sorts = on("Contact", TriggerEvent::BeforeInsert, "sorts", |ctx| {
        let rows = ctx.try_new_records_mut()?;
        rows.sort_by_key(|row| row.read::<i64>("N").unwrap());
        rows[0].add_error("the least");
        Ok(())
    });
    let rows: Vec<Record> = [3, 1, 2].map(|n| Record::new("Contact").with("N", n)).into();
    let request = circuit_core::DmlRequest::insert(rows).with_mode(circuit_core::SaveMode::Isolate);
    let circuit = circuit([sorts]);
    let outcome = circuit.dml(request).await.unwrap();
    let saved: Vec<bool> =
        outcome.results().iter().map(circuit_core::SaveResult::is_success).collect();
    assert_eq!(saved, [true, false, true]);
    let stored: Vec<Record> = circuit.query(Query::of("Contact")).await.unwrap();
    let first = stored.iter().find(|record| record.id() == outcome.results()[0].id()).unwrap();
    assert_eq!(first.read::<i64>("N").unwrap(), 3);
}

#[tokio::test]
async fn a_callout_may_use_the_execution() {
    let circuit = circuit([]);
    let run = circuit.run(|execution| async move {
        let own = execution.clone();
        let count = async move { own.count(Query::of("Contact")).await };
        execution.callout(circuit_core::Callout::to("maps"), count).await?
    });
    assert_eq!(run.await.unwrap().value, 0);
}
