//! Limits that end a run.

use std::time::Duration;

use circuit_core::{
    Callout, ErrorKind, Limit, Limits, Query, Record, TriggerEvent, TriggerRegistration,
};
use circuit_db::Memory;
use circuit_testkit::ManualClock;

use crate::support::{builder, circuit, contacts, on};

#[tokio::test]
async fn passing_a_limit_is_final_even_when_the_handler_swallows_the_error() {
    let greedy =
        TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "greedy", |ctx| {
            Box::pin(async move {
                for _ in 0..200 {
                    let _ = ctx.count(Query::of("Task")).await;
                }
                Ok(())
            })
        });
    let circuit = circuit([greedy]);
    let error = circuit.insert(contacts(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    assert_eq!((error.context("used"), error.context("limit")), (Some("101"), Some("100")));
    assert_eq!(error.context("handler"), Some("greedy"));
    assert!(circuit.query::<Record>(Query::of("Contact")).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_hosts_own_code_cannot_swallow_a_limit_either() {
    let circuit = circuit([]);
    let session = circuit.session().with_limits(Limits::circuit().with_limit_dml_rows(2));
    let run = session.run(|execution| async move {
        let _ = execution.insert(contacts(3)).await;
        Ok(())
    });
    assert!(run.await.unwrap_err().is_limit_exceeded());
}

#[tokio::test]
async fn rows_of_all_calls_add_up_and_are_told_per_handler() {
    let twice = TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "twice", |ctx| {
        Box::pin(async move {
            ctx.insert(vec![Record::new("Task"), Record::new("Task")]).await?;
            ctx.query::<Record>(Query::of("Task")).await?;
            Ok(())
        })
    });
    let outcome = circuit([twice]).insert(contacts(3)).await.unwrap();
    let usage = outcome.usage();
    assert_eq!((usage.dml_statements(), usage.dml_rows()), (2, 5));
    assert_eq!((usage.queries(), usage.query_rows()), (1, 2));
    assert_eq!(usage.by_handler("host", Limit::DmlRows), 3);
    assert_eq!(usage.by_handler("twice", Limit::DmlRows), 2);
    assert_eq!(usage.depth(), 1);
}

#[tokio::test]
async fn the_wall_clock_ends_a_run_at_the_next_call() {
    let clock = ManualClock::default();
    let hands = clock.clone();
    let slow = on("Contact", TriggerEvent::BeforeInsert, "slow", move |_| {
        hands.advance(Duration::from_secs(31));
        Ok(())
    });
    let circuit = builder([slow]).clock(clock).backend(Memory::new()).build().unwrap();
    let error = circuit.insert(contacts(1)).await.unwrap_err();
    assert!(error.message().contains("wall clock"), "{error}");
    assert_eq!(error.context("handler"), Some("slow"));
}

#[test]
fn profiles_are_apexs_table() {
    assert_eq!(Limits::apex_v67().limit_queries(), 100);
    assert_eq!(Limits::apex_v67_async().limit_queries(), 200);
    assert_eq!(Limits::circuit().limit_wall_clock(), 30_000);
}

#[tokio::test]
async fn the_deadline_ends_an_execution_where_it_waits() {
    let clock = ManualClock::default();
    let hands = clock.clone();
    let waits = TriggerRegistration::new("Contact", [TriggerEvent::BeforeInsert], "waits", |_| {
        Box::pin(std::future::pending())
    });
    let circuit = builder([waits]).clock(clock).backend(Memory::new()).build().unwrap();
    let insert = circuit.insert(contacts(1));
    let time = async { hands.advance(Duration::from_millis(30_001)) };
    let (error, ()) = tokio::join!(insert, time);
    let error = error.unwrap_err();
    assert!(error.message().contains("wall clock"), "{error}");
    assert_eq!(error.context("handler"), Some("waits"));
}

#[tokio::test]
async fn the_wall_clock_stands_still_during_a_callout() {
    let clock = ManualClock::default();
    let hands = clock.clone();
    let circuit = builder([]).clock(clock).backend(Memory::new()).build().unwrap();
    let outcome = circuit
        .run(|execution| {
            let hands = hands.clone();
            async move {
                hands.advance(Duration::from_secs(10));
                let slow = Callout::to("census").with_timeout(Duration::from_mins(2));
                let away = async { hands.advance(Duration::from_mins(1)) };
                execution.callout(slow, away).await?;
                assert_eq!(execution.remaining(), Duration::from_secs(20));
                execution.insert(contacts(1)).await
            }
        })
        .await
        .unwrap();
    let usage = outcome.usage();
    assert_eq!((usage.wall_clock(), usage.callout_time()), (10_000, 60_000));
    assert_eq!(outcome.duration(), Duration::from_secs(70));
}

#[tokio::test]
async fn a_hook_after_the_commit_has_limits_of_its_own() {
    let clock = ManualClock::default();
    let hands = clock.clone();
    let circuit = builder([])
        .clock(clock)
        .backend(Memory::new())
        .after_commit("hangs", |_| std::future::pending())
        .build()
        .unwrap();
    let insert = circuit.insert(contacts(1));
    let time = async { hands.advance(Duration::from_millis(30_001)) };
    let (outcome, ()) = tokio::join!(insert, time);
    let outcome = outcome.unwrap();
    let [failure] = outcome.post_commit_failures() else { panic!("{outcome}") };
    assert!(failure.error.is_limit_exceeded(), "{}", failure.error);
}

#[tokio::test]
async fn a_hook_after_a_rollback_runs_also_when_a_limit_was_the_reason() {
    let ran = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let runs = std::sync::Arc::clone(&ran);
    let circuit = builder([])
        .backend(Memory::new())
        .limits(Limits::circuit().with_limit_dml_rows(1))
        .after_rollback("notes", move |_| {
            runs.store(true, std::sync::atomic::Ordering::SeqCst);
            std::future::ready(Ok(()))
        })
        .build()
        .unwrap();
    assert!(circuit.insert(contacts(2)).await.unwrap_err().is_limit_exceeded());
    assert!(ran.load(std::sync::atomic::Ordering::SeqCst));
}
