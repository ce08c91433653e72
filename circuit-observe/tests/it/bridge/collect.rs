//! Events of `tracing` in the log.

use std::fmt;
use std::sync::Arc;

use circuit_core::{Level, LogEntry, Record, TriggerEvent, TriggerRegistration};
use circuit_observe::CollectLayer;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::prelude::*;

use super::{builder, circuit, contact};

/// Collects on this thread until it is dropped.
fn collecting() -> DefaultGuard {
    tracing::subscriber::set_default(tracing_subscriber::registry().with(CollectLayer))
}

fn told(log: &[Arc<LogEntry>]) -> Vec<String> {
    log.iter().map(|e| format!("{} {} {}", e.handler, e.target, e.message)).collect()
}

/// What a library does that knows nothing of Circuit.
fn look_up(city: &str) {
    tracing::info!(target: "geo::cache", city, hits = 2, ratio = 0.5, cold = false, "looked up");
}

#[tokio::test]
async fn what_a_library_tells_inside_a_handler_is_in_the_log_with_its_target() {
    let _guard = collecting();
    look_up("nowhere: no execution runs");
    let handler =
        TriggerRegistration::sync("Contact", [TriggerEvent::BeforeInsert], "score", |_| {
            look_up("London");
            Ok(())
        });
    let outcome = circuit([handler]).insert(contact()).await.unwrap();
    look_up("nowhere: no execution runs");
    let [entry] = outcome.log() else { panic!("{:?}", outcome.log()) };
    assert_eq!(told(outcome.log()), ["score geo::cache looked up"]);
    assert_eq!((entry.level, entry.depth), (Level::Info, 1));
    let data = [
        ("city".into(), "London".into()),
        ("hits".into(), 2.into()),
        ("ratio".into(), 0.5.into()),
        ("cold".into(), false.into()),
    ];
    assert_eq!(entry.data, data);
}

#[tokio::test]
async fn an_entry_that_is_an_event_too_is_not_collected_again() {
    let _guard = collecting();
    let run = |execution: circuit_core::Execution| async move {
        execution.log().info("once");
        Ok(())
    };
    let outcome = circuit([]).run(run).await.unwrap();
    assert_eq!(told(outcome.log()), ["host  once"]);
}

#[tokio::test]
async fn events_belong_to_the_innermost_handler() {
    let _guard = collecting();
    let outer = TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "outer", |ctx| {
        Box::pin(async move {
            look_up("1");
            tokio::task::yield_now().await;
            ctx.insert(vec![Record::new("Task")]).await?;
            look_up("3");
            Ok(())
        })
    });
    let inner = TriggerRegistration::new("Task", [TriggerEvent::AfterInsert], "inner", |_| {
        Box::pin(async move {
            tokio::task::yield_now().await;
            look_up("2");
            Ok(())
        })
    });
    let outcome = circuit([outer, inner]).insert(contact()).await.unwrap();
    let handlers: Vec<_> = outcome.log().iter().map(|e| (&*e.handler, e.depth)).collect();
    assert_eq!(handlers, [("outer", 1), ("inner", 2), ("outer", 1)]);
}

#[tokio::test]
async fn executions_that_take_turns_on_a_thread_do_not_mix() {
    let _guard = collecting();
    let circuit = circuit([]);
    let run = |city: &'static str| {
        circuit.run(move |_| async move {
            for _ in 0..3 {
                look_up(city);
                tokio::task::yield_now().await;
            }
            Ok(())
        })
    };
    let (london, paris) = tokio::join!(run("London"), run("Paris"));
    for (city, outcome) in [("London", london.unwrap()), ("Paris", paris.unwrap())] {
        let cities: Vec<_> = outcome.log().iter().map(|entry| &entry.data[0].1).collect();
        assert_eq!(cities, [city, city, city]);
    }
}

#[tokio::test]
async fn the_logs_filter_counts_for_events_too() {
    let _guard = collecting();
    let builder = builder([]).log_filter("info,geo=off,host=debug".parse().unwrap());
    let run = |_| async {
        look_up("left out");
        tracing::debug!(target: "other", "taken");
        tracing::trace!(target: "other", "never taken");
        Ok(())
    };
    let outcome = builder.build().unwrap().run(run).await.unwrap();
    assert_eq!(told(outcome.log()), ["host other taken"]);
}

/// A value that logs when it is shown.
struct Chatty;

impl fmt::Debug for Chatty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        tracing::info!(value = ?Self, "shown");
        f.write_str("chatty")
    }
}

#[tokio::test]
async fn a_field_that_logs_when_it_is_shown_does_not_recurse() {
    let _guard = collecting();
    let run = |_| async {
        tracing::info!(target: "odd", value = ?Chatty, "here");
        Ok(())
    };
    let outcome = circuit([]).run(run).await.unwrap();
    assert_eq!(told(outcome.log()), ["host odd here"]);
    assert_eq!(outcome.log()[0].data, [("value".into(), "chatty".into())]);
}

#[tokio::test]
async fn an_error_that_is_a_field_is_told_as_it_is_shown() {
    let _guard = collecting();
    let run = |_| async {
        let error = "x".parse::<u8>().unwrap_err();
        tracing::error!(target: "odd", error = &error as &dyn std::error::Error);
        Ok(())
    };
    let outcome = circuit([]).run(run).await.unwrap();
    let shown = "invalid digit found in string";
    assert_eq!(outcome.log()[0].data, [("error".into(), shown.into())]);
}
