//! The log of an execution: what an entry holds, what is left out, and where it goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use circuit_core::{
    CircuitBuilder, CircuitLog, ErrorKind, ExecutionReport, Level, Limit, LogEntry, LogFilter,
    LogSink, MemorySink, Query, Record, Result, TriggerEvent, TriggerRegistration,
};
use circuit_db::Memory;
use serde::{Serialize, Serializer};

use crate::support::{builder, circuit, contacts, on};

fn logging() -> CircuitBuilder {
    builder([]).backend(Memory::new())
}

/// What the host's code writes to the log.
async fn written(
    builder: CircuitBuilder,
    write: impl Fn(&CircuitLog) + Send + Sync,
) -> Vec<Arc<LogEntry>> {
    let circuit = builder.build().unwrap();
    let write = &write;
    let outcome = circuit.run(|execution| async move {
        write(execution.log());
        Ok(())
    });
    outcome.await.unwrap().log().to_vec()
}

#[tokio::test]
async fn an_entry_tells_who_wrote_it_where_about_what_and_what_was_used() {
    let score = TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "score", |ctx| {
        Box::pin(async move {
            ctx.count(Query::of("Task")).await?;
            let id = ctx.try_new_records()?.first().and_then(|row| row.id()).cloned();
            ctx.log().info("scored").with("grade", "A").with("points", 87).record(id.as_ref());
            Ok(())
        })
    });
    let session = circuit([score]).session().with_user("ada").with_tenant("acme");
    let outcome = session.insert(contacts(2)).await.unwrap();
    let [entry] = outcome.log() else { panic!("{:?}", outcome.log()) };
    assert_eq!(entry.execution, outcome.execution_id());
    assert_eq!((entry.level, entry.message.as_str()), (Level::Info, "scored"));
    assert_eq!((entry.handler.as_str(), entry.object.as_str()), ("score", "Contact"));
    assert_eq!((entry.event, entry.depth), (Some(TriggerEvent::AfterInsert), 1));
    assert_eq!((entry.user.as_str(), entry.tenant.as_str()), ("ada", "acme"));
    assert_eq!(entry.record.as_ref(), outcome.ids().next());
    assert_eq!(entry.data, [("grade".into(), "A".into()), ("points".into(), 87.into())]);
    assert_eq!((entry.used.of(Limit::DmlRows), entry.used.of(Limit::Queries)), (2, 1));
}

#[tokio::test]
async fn what_is_used_later_is_not_in_an_earlier_entry() {
    let circuit = circuit([]);
    let outcome = circuit.run(|execution| async move {
        execution.log().info("before");
        execution.insert(contacts(3)).await?;
        execution.log().info("after");
        Ok(())
    });
    let outcome = outcome.await.unwrap();
    let rows: Vec<_> = outcome.log().iter().map(|e| e.used.of(Limit::DmlRows)).collect();
    assert_eq!(rows, [0, 3]);
}

#[tokio::test]
async fn nothing_is_made_for_an_entry_that_the_filter_leaves_out() {
    let count = AtomicUsize::new(0);
    let make = || count.fetch_add(1, Ordering::Relaxed);
    let entries = written(logging().log_filter(LogFilter::at_least(Level::Warn)), |log| {
        log.info_with(|| make().to_string()).with_lazy("dump", make);
        log.debug("dull").with_lazy("dump", make);
        assert!(!log.enabled(Level::Info));
        log.warn("kept").with_lazy("dump", make);
    });
    assert_eq!(entries.await[0].data, [("dump".into(), 0.into())]);
    assert_eq!(count.load(Ordering::Relaxed), 1);
}

/// A value that does not serialise.
struct Broken;

impl Serialize for Broken {
    fn serialize<S: Serializer>(&self, _: S) -> std::result::Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("no such thing"))
    }
}

#[tokio::test]
async fn a_value_that_does_not_serialise_is_told_of_in_its_place() {
    let entries = written(logging(), |log| drop(log.info("odd").with("what", Broken))).await;
    assert_eq!(entries[0].data, [("what".into(), "[not serialisable: no such thing]".into())]);
}

#[tokio::test]
async fn an_error_is_told_as_it_is_shown() {
    let entries = written(logging(), |log| {
        let error = "x".parse::<u8>().unwrap_err();
        log.error("no number").with_display("error", &error);
    });
    let shown = "invalid digit found in string";
    assert_eq!(entries.await[0].data, [("error".into(), shown.into())]);
}

#[tokio::test]
async fn entries_of_an_execution_that_is_rolled_back_are_kept() {
    let failing = on("Contact", TriggerEvent::AfterInsert, "failing", |ctx| {
        ctx.log().info("about to fail");
        Err(circuit_core::HandlerError::msg("no"))
    });
    let sink = MemorySink::default();
    let circuit = builder([failing]).backend(Memory::new()).log_sink(sink.clone()).build().unwrap();
    let error = circuit.insert(contacts(1)).await.unwrap_err();
    assert_eq!(error.log(), sink.entries());
    assert_eq!(sink.entries()[0].message, "about to fail");
    assert_eq!(circuit.count(Query::of("Contact")).await.unwrap(), 0);
}

#[tokio::test]
async fn entries_after_a_savepoint_that_is_rolled_back_are_kept() {
    let circuit = circuit([]);
    let outcome = circuit.run(|execution| async move {
        let savepoint = execution.set_savepoint().await?;
        execution.insert(contacts(1)).await?;
        execution.log().info("undone");
        execution.rollback(&savepoint).await?;
        Ok(())
    });
    assert_eq!(outcome.await.unwrap().log()[0].message, "undone");
}

#[tokio::test]
async fn every_sink_gets_every_entry_the_moment_it_is_written() {
    let (one, two) = (MemorySink::default(), MemorySink::default());
    let seen = one.clone();
    let entries = written(logging().log_sink(one).log_sink(Arc::new(two.clone())), move |log| {
        log.info("first");
        assert_eq!(seen.entries().len(), 1);
        log.info("second");
    });
    let entries = entries.await;
    assert!(Arc::ptr_eq(&entries[1], &two.entries()[1]));
    two.clear();
    assert!(two.entries().is_empty());
}

#[tokio::test]
async fn a_handlers_own_level_counts_before_the_general_one() {
    let chatty = |name| {
        on("Contact", TriggerEvent::BeforeInsert, name, |ctx| {
            ctx.log().debug("detail");
            ctx.log().error("trouble");
            Ok(())
        })
    };
    let circuit = builder([chatty("score"), chatty("noisy"), chatty("usual")])
        .backend(Memory::new())
        .log_filter("warn,score=debug,noisy=off".parse().unwrap())
        .build()
        .unwrap();
    let told = |log: &[Arc<LogEntry>]| -> Vec<String> {
        log.iter().map(|entry| format!("{} {}", entry.handler, entry.message)).collect()
    };
    let outcome = circuit.insert(contacts(1)).await.unwrap();
    assert_eq!(told(outcome.log()), ["score detail", "score trouble", "usual trouble"]);
    let session = circuit.session().with_log_filter(LogFilter::off().with("usual", Level::Debug));
    let outcome = session.insert(contacts(1)).await.unwrap();
    assert_eq!(told(outcome.log()), ["usual detail", "usual trouble"]);
}

#[test]
fn a_filter_is_read_and_written_as_text() {
    let filter: LogFilter = " info , a=DEBUG,b = off,".parse().unwrap();
    assert_eq!(filter.to_string(), "info,a=debug,b=off");
    assert_eq!("".parse::<LogFilter>().unwrap(), LogFilter::default());
    for (text, message) in [
        ("loud", "unknown level `loud`; there are debug, info, warn, error and off"),
        ("a=", "unknown level `` in `a=`; there are debug, info, warn, error and off"),
        ("=info", "`=info` names no handler or target"),
        ("a=info,a=warn", "`a=warn` says again what was said before it"),
        ("info,warn", "`warn` says again what was said before it"),
    ] {
        let error = text.parse::<LogFilter>().unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Configuration, message));
    }
}

#[tokio::test]
async fn a_target_counts_by_its_longest_name_before_the_handler() {
    let filter = "warn,hyper=off,hyper::client=debug,host=info".parse().unwrap();
    let entries = written(logging().log_filter(filter), |log| {
        for target in ["hyper", "hyper::server", "hyper::client::pool", "hyperion"] {
            log.collected(Level::Info, target, "said");
        }
    });
    let targets: Vec<_> = entries.await.iter().map(|entry| entry.target.to_string()).collect();
    assert_eq!(targets, ["hyper::client::pool", "hyperion"]);
}

/// A sink of which the flush ends as it is told.
#[derive(Debug)]
enum Flushing {
    Fails,
    Hangs,
}

#[async_trait]
impl LogSink for Flushing {
    fn write(&self, _: &Arc<LogEntry>) {}

    fn ended(&self, _: &Arc<ExecutionReport>) {}

    async fn flush(&self) -> Result<()> {
        match self {
            Self::Fails => Err(circuit_core::Error::new(ErrorKind::Unavailable, "disk full")),
            Self::Hangs => std::future::pending().await,
        }
    }

    fn dropped(&self) -> u64 {
        0
    }
}

#[tokio::test]
async fn a_flush_tells_the_failure_of_a_sink_and_gives_up_in_time() {
    let good = logging().log_sink(MemorySink::default()).build().unwrap();
    good.flush_logs(Duration::from_secs(1)).await.unwrap();
    let failing = logging().log_sink(Flushing::Fails).log_sink(MemorySink::default());
    let error = failing.build().unwrap().flush_logs(Duration::from_secs(1)).await.unwrap_err();
    assert_eq!(error.message(), "disk full");
    let hanging = logging().log_sink(Flushing::Hangs).build().unwrap();
    let error = hanging.flush_logs(Duration::from_secs(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn the_current_log_is_the_innermost_handlers_also_after_it_waited() {
    fn name() -> String {
        CircuitLog::current().map_or("nobody".to_owned(), |log| {
            log.info("current");
            String::new()
        })
    }
    let outer = TriggerRegistration::new("Contact", [TriggerEvent::AfterInsert], "outer", |ctx| {
        Box::pin(async move {
            name();
            tokio::task::yield_now().await;
            ctx.insert(vec![Record::new("Task")]).await?;
            name();
            Ok(())
        })
    });
    let inner = on("Task", TriggerEvent::BeforeInsert, "inner", |_| {
        name();
        Ok(())
    });
    let outcome = circuit([outer, inner]).insert(contacts(1)).await.unwrap();
    let handlers: Vec<_> = outcome.log().iter().map(|entry| entry.handler.to_string()).collect();
    assert_eq!(handlers, ["outer", "inner", "outer"]);
    assert_eq!(name(), "nobody");
}

#[tokio::test]
async fn executions_that_take_turns_on_a_thread_have_each_their_current_log() {
    let circuit = circuit([]);
    let run = |user: &'static str| {
        let session = circuit.session().with_user(user);
        async move {
            session
                .run(|_| async {
                    for _ in 0..3 {
                        CircuitLog::current().unwrap().info("step");
                        tokio::task::yield_now().await;
                    }
                    Ok(())
                })
                .await
        }
    };
    let (ada, bob) = tokio::join!(run("ada"), run("bob"));
    for (user, outcome) in [("ada", ada.unwrap()), ("bob", bob.unwrap())] {
        let users: Vec<_> = outcome.log().iter().map(|entry| entry.user.to_string()).collect();
        assert_eq!(users, [user, user, user]);
    }
}

#[tokio::test]
async fn hooks_have_a_current_log_too() {
    let circuit = circuit([]);
    let outcome = circuit.run(|execution| async move {
        let hook = || async {
            CircuitLog::current().unwrap().info("in a hook");
            Ok(())
        };
        execution.before_commit("one", move |_| hook()).await?;
        execution.after_commit("two", move |_| hook()).await?;
        Ok(())
    });
    assert_eq!(outcome.await.unwrap().log().len(), 2);
}

#[tokio::test]
async fn there_is_no_current_log_after_a_handler_panicked() {
    let wild = on("Contact", TriggerEvent::BeforeInsert, "wild", |_| panic!("boom"));
    circuit([wild]).insert(contacts(1)).await.unwrap_err();
    assert!(CircuitLog::current().is_none());
}

/// A sink that looks for a current log.
#[derive(Debug, Default)]
struct Curious(Arc<AtomicUsize>);

#[async_trait]
impl LogSink for Curious {
    fn write(&self, _: &Arc<LogEntry>) {
        self.0.fetch_add(usize::from(CircuitLog::current().is_some()), Ordering::Relaxed);
    }

    fn ended(&self, _: &Arc<ExecutionReport>) {}

    async fn flush(&self) -> Result<()> {
        Ok(())
    }

    fn dropped(&self) -> u64 {
        0
    }
}

#[tokio::test]
async fn a_sink_that_logs_has_no_current_log_and_so_no_loop() {
    let found = Arc::new(AtomicUsize::new(0));
    let sink = Curious(Arc::clone(&found));
    written(logging().log_sink(sink), |log| {
        log.info("here");
        assert!(CircuitLog::current().is_some());
    })
    .await;
    assert_eq!(found.load(Ordering::Relaxed), 0);
}
