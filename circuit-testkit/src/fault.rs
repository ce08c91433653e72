//! A store that fails when it is told to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use circuit_core::{
    Capability, CircuitDB, CommitOutcome, CommitPlan, Error, ErrorKind, FetchRequest, ObjectSchema,
    Query, QueryAnswer, QueryPlan, Result, StatusCode, Stored, WriteProblem,
};

/// What one call of a store does instead of its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The next call, of whatever kind, fails as if the store could not be reached.
    Unavailable,
    /// The next commit answers that its first write is out of date.
    Conflict,
    /// The next commit refuses its first write, as if its id were taken.
    Refused,
    /// The next commit never answers.
    Hang,
}

/// A store that fails when it is told to, and else does what the store inside does.
///
/// # Examples
/// ```
/// use circuit_core::{CircuitDB, Query};
/// use circuit_testkit::{Fault, FaultyDB};
///
/// async fn example(store: impl CircuitDB) {
///     let store = FaultyDB::new(store);
///     store.queue(Fault::Unavailable);
///     assert!(store.query(&Query::of("Contact")).await.unwrap_err().is_retryable());
///     assert!(store.query(&Query::of("Contact")).await.is_ok());
/// }
/// ```
#[derive(Debug, Clone)]
pub struct FaultyDB {
    inner: Arc<dyn CircuitDB>,
    faults: Arc<Mutex<VecDeque<Fault>>>,
}

impl FaultyDB {
    /// Wraps a store; clones share the faults.
    pub fn new(inner: impl CircuitDB) -> Self {
        Self { inner: Arc::new(inner), faults: Arc::default() }
    }

    /// Adds a fault behind those that wait already.
    pub fn queue(&self, fault: Fault) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).push_back(fault);
    }

    fn next(&self, fits: impl Fn(Fault) -> bool) -> Option<Fault> {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        if faults.front().is_some_and(|fault| fits(*fault)) { faults.pop_front() } else { None }
    }

    fn reach(&self) -> Result<()> {
        match self.next(|fault| fault == Fault::Unavailable) {
            None => Ok(()),
            Some(_) => Err(Error::new(ErrorKind::Unavailable, "the store was told to fail")),
        }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl CircuitDB for FaultyDB {
    fn capability(&self) -> &Capability {
        self.inner.capability()
    }

    fn describe(&self, object: &str) -> Option<Arc<ObjectSchema>> {
        self.inner.describe(object)
    }

    fn schemas(&self) -> Vec<Arc<ObjectSchema>> {
        self.inner.schemas()
    }

    async fn query(&self, query: &Query) -> Result<QueryAnswer> {
        self.reach()?;
        self.inner.query(query).await
    }

    async fn explain(&self, query: &Query) -> Result<QueryPlan> {
        self.reach()?;
        self.inner.explain(query).await
    }

    async fn fetch(&self, request: &FetchRequest) -> Result<Vec<Option<Stored>>> {
        self.reach()?;
        self.inner.fetch(request).await
    }

    async fn commit(&self, plan: CommitPlan) -> Result<CommitOutcome> {
        self.reach()?;
        match self.next(|fault| fault != Fault::Unavailable) {
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::Refused) => {
                let message = "the store was told to refuse";
                let problem = WriteProblem::new(0, StatusCode::DuplicateValue, message);
                Ok(CommitOutcome::Refused(vec![problem]))
            }
            Some(_) => Ok(CommitOutcome::Conflict { write: 0 }),
            None => self.inner.commit(plan).await,
        }
    }
}
