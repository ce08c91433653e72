//! DML inside handlers: depth, undo, reads of one's own writes, joined calls.

use circuit_core::{
    Circuit, ErrorKind, Filter, Query, Record, TriggerEvent, TriggerRegistration, Value,
};
use circuit_testkit::Recorder;

use crate::support::{by_id, circuit, contacts, on};

/// Each inserted `Node` inserts another until `levels` are reached.
fn chain(levels: i64) -> TriggerRegistration {
    TriggerRegistration::new("Node", [TriggerEvent::AfterInsert], "chain", move |ctx| {
        Box::pin(async move {
            let level: i64 = ctx.try_new_records()?[0].read("Level")?;
            if level < levels {
                ctx.insert(Record::new("Node").with("Level", level + 1)).await?;
            }
            Ok(())
        })
    })
}

async fn nodes(circuit: &Circuit) -> usize {
    circuit.query::<Record>(Query::of("Node")).await.unwrap().len()
}

#[tokio::test]
async fn sixteen_levels_of_triggers_run() {
    let circuit = circuit([chain(16)]);
    circuit.insert(Record::new("Node").with("Level", 1)).await.unwrap();
    assert_eq!(nodes(&circuit).await, 16);
}

#[tokio::test]
async fn the_seventeenth_level_is_refused_and_nothing_stays() {
    let circuit = circuit([chain(17)]);
    let error = circuit.insert(Record::new("Node").with("Level", 1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    assert!(error.message().contains("levels of triggers"), "{error}");
    assert_eq!(nodes(&circuit).await, 0);
}

#[tokio::test]
async fn a_caught_failure_undoes_only_itself_and_what_it_set_off() {
    let outer = TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "outer", |ctx| {
        Box::pin(async move {
            ctx.insert(Record::new("Note").with("N", 1)).await?;
            let tasks = [Record::new("Task"), Record::new("Task").with("Bad", true)];
            ctx.insert(tasks).await.unwrap_err();
            Ok(())
        })
    });
    let inner = TriggerRegistration::new("Task", [TriggerEvent::AfterInsert], "inner", |ctx| {
        Box::pin(async move {
            ctx.insert(Record::new("Note").with("N", 2)).await?;
            for task in ctx.try_new_records()? {
                if task.get("Bad").is_some() {
                    task.add_error("bad");
                }
            }
            Ok(())
        })
    });
    let circuit = circuit([outer, inner]);
    circuit.insert(contacts(1)).await.unwrap();
    let notes: Vec<Record> = circuit.query(Query::of("Note")).await.unwrap();
    assert_eq!(notes.len(), 1);
    assert_eq!(notes[0].get("N"), Some(&Value::Integer(1)));
    assert!(circuit.query::<Record>(Query::of("Task")).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_handler_reads_its_own_writes() {
    let seen = Recorder::default();
    let log = seen.clone();
    let handler =
        TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "own", move |ctx| {
            let log = log.clone();
            Box::pin(async move {
                ctx.insert((0..5).map(|n| Record::new("Task").with("N", n)).collect::<Vec<_>>())
                    .await?;
                let all: Vec<Record> =
                    ctx.query(Query::of("Task").filter(Filter::at_least("N", 3))).await?;
                log.note(all.len());
                ctx.delete(all[0].clone()).await?;
                log.note(ctx.count(Query::of("Task")).await?);
                Ok(())
            })
        });
    let circuit = circuit([handler]);
    circuit.insert(contacts(1)).await.unwrap();
    assert_eq!(seen.take(), ["2", "4"]);
    assert_eq!(circuit.query::<Record>(Query::of("Task")).await.unwrap().len(), 4);
}

#[tokio::test]
async fn an_after_handler_may_update_the_records_it_was_called_for() {
    let score = TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "score", |ctx| {
        Box::pin(async move {
            let scored: Vec<Record> =
                ctx.ids().iter().map(|id| by_id("Contact", id).with("Score", 7)).collect();
            ctx.update(scored).await?;
            Ok(())
        })
    });
    let circuit = circuit([score]);
    let outcome = circuit.insert(contacts(3)).await.unwrap();
    let scored = Query::of("Contact").filter(Filter::eq("Score", 7));
    assert_eq!(circuit.query::<Record>(scored).await.unwrap().len(), 3);
    assert_eq!(outcome.usage().dml_statements(), 2);
}

#[tokio::test]
async fn joined_calls_of_one_handler_run_one_after_the_other() {
    let handler = TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "join", |ctx| {
        Box::pin(async move {
            let (a, b) = tokio::join!(
                ctx.insert(Record::new("Task").with("N", 1)),
                ctx.insert(Record::new("Bad")),
            );
            a?;
            b.unwrap_err();
            Ok(())
        })
    });
    let bad = TriggerRegistration::new("Bad", [TriggerEvent::BeforeInsert], "bad", |_| {
        Box::pin(async move {
            tokio::task::yield_now().await;
            Err(circuit_core::HandlerError::msg("bad"))
        })
    });
    let circuit = circuit([handler, bad]);
    circuit.insert(contacts(1)).await.unwrap();
    assert_eq!(circuit.query::<Record>(Query::of("Task")).await.unwrap().len(), 1);
}

/// Raises `N` by one for each record that it is shown, and notes how many these are.
fn raise(seen: &Recorder) -> TriggerRegistration {
    let log = seen.clone();
    TriggerRegistration::new("Contact", [TriggerEvent::AfterUpdate], "raise", move |ctx| {
        let log = log.clone();
        Box::pin(async move {
            log.note(ctx.size());
            let mut raised = Vec::new();
            for contact in ctx.try_new_records()? {
                let n: i64 = contact.read("N")?;
                raised.push(by_id("Contact", contact.id().unwrap()).with("N", n + 1));
            }
            ctx.update(raised).await?;
            Ok(())
        })
    })
    .once_per_record()
}

#[tokio::test]
async fn once_per_record_hides_what_the_handler_brings_about_itself() {
    let seen = Recorder::default();
    let circuit = circuit([raise(&seen)]);
    let id = circuit.insert(Record::new("Contact")).await.unwrap().ids().next().cloned().unwrap();
    circuit.update(by_id("Contact", &id).with("N", 1)).await.unwrap();
    assert_eq!(seen.take(), ["1"]);
    let stored: Vec<Record> = circuit.query(Query::of("Contact")).await.unwrap();
    assert_eq!(stored[0].get("N"), Some(&Value::Integer(2)));
}

#[tokio::test]
async fn once_per_record_takes_neither_chunks_nor_independent_calls_for_recursion() {
    let seen = Recorder::default();
    let circuit = circuit([raise(&seen)]);
    let outcome = circuit.insert(contacts(250)).await.unwrap();
    let rows: Vec<Record> = outcome.ids().map(|id| by_id("Contact", id).with("N", 1)).collect();
    circuit
        .run(|execution| {
            let rows = rows.clone();
            async move {
                execution.update(rows.clone()).await?;
                execution.update(rows).await
            }
        })
        .await
        .unwrap();
    assert_eq!(seen.take(), ["200", "50", "200", "50"]);
}

#[tokio::test]
async fn handlers_of_one_name_on_two_objects_are_two_handlers() {
    let seen = Recorder::default();
    let noted = |object: &str| {
        let log = seen.clone();
        on(object, TriggerEvent::AfterInsert, "audit", move |ctx| {
            log.note(ctx.object());
            Ok(())
        })
        .once_per_record()
    };
    let circuit = circuit([noted("Contact"), noted("Task")]);
    let id: circuit_core::RecordId = "1".parse().unwrap();
    circuit.insert([by_id("Contact", &id), by_id("Task", &id)]).await.unwrap();
    assert_eq!(seen.take(), ["Contact", "Task"]);
}

#[tokio::test]
async fn an_execution_that_leaked_out_of_its_run_is_over() {
    let circuit = circuit([]);
    let leaked = circuit.run(|execution| async move { Ok(execution) }).await.unwrap().value;
    let error = leaked.insert(contacts(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ExecutionEnded);
}
