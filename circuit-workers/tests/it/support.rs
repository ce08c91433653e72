//! Circuits on both executors.

use std::sync::{Arc, Mutex};

use circuit_core::{Circuit, Error, Limits, Outcome, Record, Result, Stuck};
use circuit_db::Memory;
use circuit_workers::{Workers, WorkersBuilder};

use crate::handler::Gate;

/// Which executor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    Host,
    Workers,
}

pub(crate) const BOTH: [On; 2] = [On::Host, On::Workers];

/// A circuit, and what the watchdog told of it.
pub(crate) struct Setup {
    pub(crate) circuit: Circuit,
    pub(crate) stuck: Arc<Mutex<Vec<Stuck>>>,
}

impl Setup {
    pub(crate) fn new(on: On, limits: Limits) -> Self {
        match on {
            On::Host => Self::with(None, limits),
            On::Workers => Self::with(Some(Workers::builder().threads(2)), limits),
        }
    }

    pub(crate) fn with(workers: Option<WorkersBuilder>, limits: Limits) -> Self {
        let stuck = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&stuck);
        let mut builder = Circuit::builder().backend(Memory::new()).limits(limits);
        if let Some(workers) = workers {
            builder = builder.executor(workers.start().unwrap());
        }
        let circuit = builder.on_stuck(move |found| told.lock().unwrap().push(found.clone()));
        Self { circuit: circuit.build().unwrap(), stuck }
    }

    pub(crate) async fn insert(&self, object: &str) -> Result<Outcome> {
        self.circuit.insert(vec![Record::new(object)]).await
    }

    /// Runs the handler that blocks its thread until the gate is open.
    pub(crate) async fn block(&self, gate: &Gate) -> Error {
        let record = Record::new("Blocking").with("Gate", gate.0);
        self.circuit.insert(vec![record]).await.map(|outcome| outcome.to_string()).unwrap_err()
    }

    /// Runs the handler of the object, which must fail; then the host must still serve.
    pub(crate) async fn fail(&self, object: &'static str) -> Error {
        let error = self.insert(object).await.map(|outcome| outcome.to_string()).unwrap_err();
        let left: usize = self.circuit.count(circuit_core::Query::of(object)).await.unwrap();
        assert_eq!(left, 0, "nothing of it is stored");
        let served = self.insert("Fine").await.unwrap();
        assert!(served.results()[0].is_success());
        error
    }
}
