//! What becomes of the pool.

use circuit_core::{ErrorKind, Limits, Record};
use circuit_workers::Workers;

use crate::handler::Gate;
use crate::support::{On, Setup};

fn short() -> Limits {
    Limits::circuit().with_limit_wall_clock(150)
}

/// Waits until the watchdog has given up so many workers.
async fn given_up(setup: &Setup, count: usize) {
    while setup.stuck.lock().unwrap().len() < count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn too_many_lost_workers_make_the_engine_unhealthy_until_they_are_free_again() {
    let setup = Setup::with(Some(Workers::builder().threads(2).most_abandoned(1)), short());
    let gate = Gate(1);
    for lost in 1..=3 {
        setup.block(&gate).await;
        given_up(&setup, lost).await;
        assert_eq!(setup.circuit.health().is_ok(), lost == 1);
        // Three workers were started, and the last one is lost at last.
        let served = setup.insert("Fine").await;
        assert_eq!(served.is_ok(), lost < 3, "{lost}: {served:?}");
    }
    let error = setup.circuit.health().unwrap_err();
    assert_eq!((error.kind(), error.context("abandoned")), (ErrorKind::Unavailable, Some("3")));
    let error = setup.insert("Fine").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    drop(gate);
    while setup.circuit.health().is_err() {
        tokio::task::yield_now().await;
    }
    setup.insert("Fine").await.unwrap();
}

#[tokio::test]
async fn an_execution_on_a_thread_that_is_given_up_runs_again_elsewhere() {
    let setup = Setup::with(Some(Workers::builder().threads(1)), short());
    let patient = setup.circuit.session().with_limits(Limits::circuit());
    let gate = Gate(2);
    let stuck = setup.block(&gate);
    let beside = patient.insert(vec![Record::new("Fine")]);
    let (stuck, beside) = tokio::join!(stuck, beside);
    assert!(stuck.is_limit_exceeded(), "{stuck}");
    assert_eq!(beside.unwrap().reruns(), 1);
}

#[test]
fn without_a_runtime_no_workers_start() {
    let error = Workers::builder().start().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.message().contains("tokio runtime"), "{error}");
}

#[tokio::test]
async fn an_engine_says_what_it_does_about_handlers() {
    let told = |on| Setup::new(on, Limits::circuit()).circuit.protection().to_string();
    assert!(told(On::Workers).contains("stuck handlers are given up"));
    assert!(told(On::Host).contains("stuck handlers are reported only"));
}

#[tokio::test]
async fn workers_without_a_watch_are_refused() {
    let workers = Workers::builder().threads(1).start().unwrap();
    let builder = circuit_core::Circuit::builder().backend(circuit_db::Memory::new());
    let error = builder.executor(workers).unwatched().build().unwrap_err();
    assert!(error.message().contains("unwatched"), "{error}");
}
