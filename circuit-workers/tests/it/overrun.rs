//! Each limit, overrun.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use circuit_core::{Error, ErrorKind, Limit, Limits, MemorySource, Record, ThreadLeft};

use crate::handler::{Gate, LEFT, MEGABYTES, RELEASED, THREAD};
use crate::support::{BOTH, On, Setup};

/// Says which limit an error is about, and that it names all it should.
#[track_caller]
fn limit_of(error: &Error) -> String {
    assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{error}");
    assert!(error.context("execution").is_some() && error.context("handler").is_some(), "{error}");
    let used: u64 = error.context("used").unwrap().parse().unwrap();
    let limit: u64 = error.context("limit").unwrap().parse().unwrap();
    assert!(used > limit, "{error}");
    error.message().trim_start_matches("too many ").to_owned()
}

fn short() -> Limits {
    Limits::circuit().with_limit_cpu_time(200).with_limit_wall_clock(3_000)
}

#[tokio::test]
async fn a_vector_of_200_megabytes_ends_the_handler_at_its_await() {
    for on in BOTH {
        let error = Setup::new(on, Limits::circuit()).fail("BigVector").await;
        assert_eq!(limit_of(&error), "bytes of memory", "{on:?}");
        assert_eq!(error.context("handler"), Some("big_vector"));
        assert!(error.usage().unwrap().heap_size() >= 200 << 20);
    }
}

#[tokio::test]
async fn a_vector_that_is_freed_before_the_end_is_seen_at_the_end() {
    for on in BOTH {
        let error = Setup::new(on, Limits::circuit()).fail("BriefVector").await;
        assert_eq!(limit_of(&error), "bytes of memory", "{on:?}");
    }
}

#[tokio::test]
async fn two_hundred_vectors_of_a_megabyte_are_stopped_on_the_way() {
    for on in BOTH {
        let error = Setup::new(on, Limits::circuit()).fail("ManyVectors").await;
        assert_eq!(limit_of(&error), "bytes of memory", "{on:?}");
        let megabytes = MEGABYTES.load(Ordering::SeqCst);
        assert!((120..=129).contains(&megabytes), "{megabytes}");
    }
}

#[tokio::test]
async fn a_handlers_own_memory_is_less_than_the_executions() {
    for on in BOTH {
        let error = Setup::new(on, Limits::circuit()).fail("Budgeted").await;
        assert_eq!(limit_of(&error), "bytes of memory", "{on:?}");
        assert_eq!(error.context("limit"), Some("10000000"));
        assert_eq!(error.context("budget"), Some("the handler's own"));
    }
}

#[tokio::test]
async fn work_beside_a_handler_counts_for_it() {
    for on in BOTH {
        let error = Setup::new(on, Limits::circuit()).fail("Beside").await;
        assert_eq!(limit_of(&error), "bytes of memory", "{on:?}");
        assert_eq!(error.context("handler"), Some("beside"));
    }
}

#[tokio::test]
async fn work_beside_a_handler_ends_with_it() {
    for on in BOTH {
        Setup::new(on, Limits::circuit()).insert("LeavesWork").await.unwrap();
        let patience = Instant::now();
        while LEFT.load(Ordering::SeqCst) > 0 {
            assert!(
                patience.elapsed() < Duration::from_secs(10),
                "{on:?}: the work is still there"
            );
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_busy_loop_is_stopped_at_its_next_turn() {
    for on in BOTH {
        let setup = Setup::new(on, short());
        let error = setup.fail("Spinning").await;
        assert_eq!(limit_of(&error), "milliseconds of processor time", "{on:?}");
        assert_eq!(error.context("handler"), Some("spinning"));
        assert_eq!(setup.stuck.lock().unwrap().len(), 0, "a checkpoint was reached in time");
        let usage = error.usage().unwrap();
        assert!(usage.cpu_of("spinning") >= Duration::from_millis(200), "{usage:?}");
    }
}

#[tokio::test]
async fn a_busy_loop_is_stopped_at_its_handlers_own_budget() {
    for on in BOTH {
        let error = Setup::new(on, Limits::circuit()).fail("SpinningWithin").await;
        assert_eq!(limit_of(&error), "milliseconds of processor time", "{on:?}");
        assert_eq!(error.context("limit"), Some("100"));
        let used: u64 = error.context("used").unwrap().parse().unwrap();
        assert!(used < 2_000, "{used}");
    }
}

#[tokio::test]
async fn handlers_inside_each_other_have_one_limit_of_processor_time() {
    for on in BOTH {
        let limits = Limits::circuit().with_limit_cpu_time(350);
        let error = Setup::new(on, limits).fail("Nested").await;
        assert_eq!(limit_of(&error), "milliseconds of processor time", "{on:?}");
        let cpu = error.usage().unwrap().cpu();
        assert!(cpu < Duration::from_millis(700), "{on:?}: {cpu:?}");
    }
}

#[tokio::test]
async fn a_handler_that_holds_too_much_is_not_waited_for() {
    for on in BOTH {
        let error = Setup::new(on, Limits::circuit()).fail("HoldsAndWaits").await;
        assert_eq!(limit_of(&error), "bytes of memory", "{on:?}");
    }
}

#[tokio::test]
async fn a_handler_that_sleeps_uses_no_processor_time_however_short_it_was_before() {
    for on in BOTH {
        let setup = Setup::new(on, Limits::circuit().with_limit_cpu_time(100));
        let sleep = |ms: i64| setup.circuit.insert(vec![Record::new("Sleeping").with("Ms", ms)]);
        for _ in 0..20 {
            sleep(0).await.unwrap();
        }
        let outcome = sleep(400).await.unwrap();
        assert!(outcome.usage().cpu() < Duration::from_millis(100), "{outcome}");
    }
}

#[tokio::test]
async fn hooks_that_begin_executions_without_end_are_stopped() {
    for on in BOTH {
        let outcome = Setup::new(on, Limits::circuit()).insert("HookChain").await.unwrap();
        let mut source: &dyn std::error::Error = &outcome.post_commit_failures()[0].error;
        let mut levels = 0;
        while let Some(next) = source.source() {
            (source, levels) = (next, levels + 1);
        }
        let last = source.to_string();
        assert!(last.contains("levels of executions begun by hooks"), "{on:?}: {last}");
        assert!(levels >= 5, "{levels}");
    }
}

#[tokio::test]
async fn a_host_that_panics_when_it_is_told_does_not_end_the_watch() {
    let circuit = circuit_core::Circuit::builder()
        .backend(circuit_db::Memory::new())
        .limits(Limits::circuit().with_limit_wall_clock(50))
        .executor(circuit_workers::Workers::builder().threads(1).start().unwrap())
        .on_stuck(|_| panic!("told"))
        .build()
        .unwrap();
    let gate = Gate(3);
    let record = Record::new("Blocking").with("Gate", gate.0);
    circuit.insert(vec![record]).await.unwrap_err();
    // The watchdog still stops a loop.
    let error = Setup::new(On::Host, short()).fail("Spinning").await;
    assert_eq!(limit_of(&error), "milliseconds of processor time");
}

#[tokio::test]
async fn a_busy_loop_of_somebody_else_is_stopped_where_it_waits() {
    for on in BOTH {
        let error = Setup::new(on, short()).fail("SpinningAwaits").await;
        assert_eq!(limit_of(&error), "milliseconds of processor time", "{on:?}");
    }
}

#[tokio::test]
async fn a_handler_that_waits_for_ever_is_dropped_at_the_deadline() {
    for on in BOTH {
        let error = Setup::new(on, short()).fail("Hanging").await;
        assert_eq!(limit_of(&error), "milliseconds of wall clock", "{on:?}");
        assert_eq!(error.context("handler"), Some("hanging"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_stuck_in_a_library_is_reported_on_the_hosts_threads() {
    let setup = Setup::new(On::Host, short());
    let told = std::sync::Arc::clone(&setup.stuck);
    std::thread::spawn(move || {
        while told.lock().unwrap().is_empty() {
            std::thread::yield_now();
        }
        RELEASED.store(true, Ordering::SeqCst);
    });
    let error = setup.fail("LibraryCall").await;
    RELEASED.store(false, Ordering::SeqCst);
    assert_eq!(limit_of(&error), "milliseconds of processor time");
    let stuck = setup.stuck.lock().unwrap();
    let [stuck] = stuck.as_slice() else { panic!("{stuck:?}") };
    assert_eq!((stuck.handler.as_str(), stuck.thread), ("library_call", ThreadLeft::Busy));
    assert!(error.log().iter().any(|entry| entry.message.contains("is stuck")), "{error}");
}

#[tokio::test]
async fn a_worker_stuck_in_a_library_is_given_up_and_replaced() {
    let setup = Setup::new(On::Workers, short());
    let gate = Gate(0);
    let error = setup.block(&gate).await;
    assert_eq!(limit_of(&error), "milliseconds of wall clock");
    setup.insert("Fine").await.unwrap();
    while setup.stuck.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    let stuck = setup.stuck.lock().unwrap().clone();
    let [stuck] = stuck.as_slice() else { panic!("{stuck:?}") };
    assert_eq!((stuck.handler.as_str(), stuck.thread), ("blocking", ThreadLeft::Abandoned));
    assert!(stuck.to_string().contains("its worker was given up"), "{stuck}");
    setup.circuit.health().unwrap();
}

#[tokio::test]
async fn endless_recursion_ends_at_the_depth_of_apex() {
    for on in BOTH {
        let error = Setup::new(on, Limits::circuit()).fail("Endless").await;
        assert_eq!(limit_of(&error), "levels of triggers", "{on:?}");
        assert_eq!(error.context("used"), Some("17"));
    }
}

#[tokio::test]
async fn the_row_after_the_last_one_is_refused() {
    for on in BOTH {
        let error = Setup::new(on, Limits::circuit()).fail("ManyRows").await;
        assert_eq!(limit_of(&error), "DML rows", "{on:?}");
        assert_eq!(error.context("used"), Some("10001"));
    }
}

#[tokio::test]
async fn the_callout_after_the_last_one_is_refused() {
    for on in BOTH {
        let setup = Setup::new(on, Limits::circuit());
        let session = setup.circuit.session().with_callouts_at_any_time();
        let insert = session.insert(vec![circuit_core::Record::new("ManyCallouts")]);
        let error = insert.await.unwrap_err();
        assert_eq!((limit_of(&error).as_str(), error.context("used")), ("callouts", Some("51")));
        assert_eq!(error.usage().unwrap().by_handler("many_callouts", Limit::Callouts), 51);
        setup.insert("Fine").await.unwrap();
    }
}

#[tokio::test]
async fn a_callout_that_hangs_ends_at_its_own_time() {
    for on in BOTH {
        let setup = Setup::new(on, Limits::circuit());
        let session = setup.circuit.session().with_callouts_at_any_time();
        let insert = session.insert(vec![circuit_core::Record::new("HangingCallout")]);
        let error = insert.await.unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains("the callout took too long"), "{on:?}: {source}");
        setup.insert("Fine").await.unwrap();
    }
}

#[tokio::test]
async fn a_handler_that_swallows_every_error_is_rolled_back() {
    for on in BOTH {
        let error = Setup::new(on, Limits::circuit()).fail("Swallowing").await;
        assert_eq!(limit_of(&error), "queries", "{on:?}");
    }
}

#[tokio::test]
async fn memory_is_measured_and_told_per_handler() {
    for on in BOTH {
        let outcome = Setup::new(on, Limits::circuit()).insert("Fine").await.unwrap();
        let usage = outcome.usage();
        assert_eq!(usage.memory_source(), MemorySource::Measured);
        let fine = usage.by_handler("fine", Limit::HeapSize);
        assert!(fine > 0 && fine <= usage.heap_size(), "{on:?}: {usage:?}");
    }
}

#[tokio::test]
async fn handlers_run_on_the_threads_of_the_executor() {
    Setup::new(On::Workers, Limits::circuit()).insert("TellsThread").await.unwrap();
    assert!(THREAD.lock().unwrap().starts_with("circuit-worker-"));
}
