//! The engine as a host holds it.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::builder::{CircuitBuilder, Engine};
use super::callout::first;
use super::execution::Execution;
use super::session::Session;
use crate::CircuitDB;
use crate::db::QueryPlan;
use crate::dml::{DmlRequest, Outcome};
use crate::engine::executor::Protection;
use crate::error::{Error, ErrorKind, Result};
use crate::record::{AggregateRow, IntoRecords, SObject};
use crate::registry::Plan;
use crate::soql::{IntoAggregate, IntoQuery, IntoRows};

/// An engine: handlers over a store. Cheap to clone; share one per store.
///
/// Its DML calls are executions of their own without a user and with the default limits; see
/// [`session`](Self::session) for others and [`run`](Self::run) for several calls in one.
#[derive(Clone)]
pub struct Circuit {
    engine: Arc<Engine>,
    session: Session,
}

impl Circuit {
    /// Starts an engine; it needs a backend.
    pub fn builder() -> CircuitBuilder {
        CircuitBuilder::default()
    }

    pub(super) fn new(engine: Engine) -> Self {
        let engine = Arc::new(engine);
        Self { session: Session::new(Arc::clone(&engine)), engine }
    }

    /// Returns what runs for each object and event, in which order and from which package.
    pub fn plan(&self) -> &Plan {
        &self.engine.plan
    }

    /// Returns what `build()` found odd but not wrong, such as equal explicit orders.
    pub fn warnings(&self) -> &[String] {
        &self.engine.warnings
    }

    /// Returns the store.
    pub fn backend(&self) -> &Arc<dyn CircuitDB> {
        &self.engine.db
    }

    /// Returns what is done about handlers that misbehave.
    pub fn protection(&self) -> Protection {
        self.engine.executor.protection()
    }

    /// Returns whether handlers can run.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) with what is wrong, such as workers
    /// that were given up.
    pub fn health(&self) -> Result<()> {
        self.engine.executor.health()
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Waits until every sink has handed on what it took; for the end of the program.
    ///
    /// # Errors
    /// The first failure of a sink; [`ErrorKind::Unavailable`] if the time was not enough.
    pub async fn flush_logs(&self, within: Duration) -> Result<()> {
        let slept = self.engine.clock.sleep(within);
        let flushed = first(self.engine.log.flush(), slept).await;
        flushed.unwrap_or_else(|| {
            let message = "not all of the log was handed on in time";
            Err(Error::new(ErrorKind::Unavailable, message)
                .with("milliseconds", within.as_millis()))
        })
    }

    /// Starts a session: another user, limits or bypasses.
    pub fn session(&self) -> Session {
        self.session.clone()
    }

    /// Runs the host's code as one execution. See [`Session::run`].
    ///
    /// # Errors
    /// As [`Session::run`].
    pub async fn run<T, F, Fut>(&self, code: F) -> Result<Outcome<T>>
    where
        F: Fn(Execution) -> Fut + Send + Sync,
        Fut: Future<Output = Result<T>> + Send,
        T: Send,
    {
        self.session.run(code).await
    }

    /// Runs a DML call of any kind and mode. Errors: see [`Execution`] and [`Session::run`].
    pub async fn dml(&self, request: DmlRequest) -> Result<Outcome> {
        self.session.dml(request).await
    }

    /// Inserts records, all or none. Errors: see [`Execution`] and [`Session::run`].
    pub async fn insert<R: IntoRecords>(&self, records: R) -> Result<Outcome> {
        self.session.insert(records).await
    }

    /// Updates records, all or none. Errors: see [`Execution`] and [`Session::run`].
    pub async fn update<R: IntoRecords>(&self, records: R) -> Result<Outcome> {
        self.session.update(records).await
    }

    /// Updates records that have an id and inserts the others. Errors: see [`Execution`].
    pub async fn upsert<R: IntoRecords>(&self, records: R) -> Result<Outcome> {
        self.session.upsert(records).await
    }

    /// Deletes records, all or none. Errors: see [`Execution`] and [`Session::run`].
    pub async fn delete<R: IntoRecords>(&self, records: R) -> Result<Outcome> {
        self.session.delete(records).await
    }

    /// Brings records back from the recycle bin, all or none. Errors: see [`Execution`] and [`Session::run`].
    pub async fn undelete<R: IntoRecords>(&self, records: R) -> Result<Outcome> {
        self.session.undelete(records).await
    }

    /// Returns the records that match. Errors: see [`Execution::query`].
    pub async fn query<T: SObject>(&self, query: impl IntoQuery<T>) -> Result<Vec<T>> {
        self.session.query(query).await
    }

    /// Returns the one record that matches. Errors: see [`Execution::query_one`].
    pub async fn query_one<T: SObject>(&self, query: impl IntoQuery<T>) -> Result<T> {
        self.session.query_one(query).await
    }

    /// Returns the one record that matches, or `None`. Errors: see [`Execution::query_opt`].
    pub async fn query_opt<T: SObject>(&self, query: impl IntoQuery<T>) -> Result<Option<T>> {
        self.session.query_opt(query).await
    }

    /// Returns the number of records that match. Errors: see [`Execution::count`].
    pub async fn count(&self, query: impl IntoRows) -> Result<usize> {
        self.session.count(query).await
    }

    /// Returns the rows of a query with groups. Errors: see [`Execution::aggregate`].
    pub async fn aggregate<T: AggregateRow>(&self, query: impl IntoAggregate<T>) -> Result<Vec<T>> {
        self.session.aggregate(query).await
    }

    /// Returns how a query would be answered. Errors: see [`Execution::explain`].
    pub async fn explain(&self, query: impl IntoRows) -> Result<QueryPlan> {
        self.session.explain(query).await
    }
}

impl fmt::Debug for Circuit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Circuit")
            .field("backend", &self.engine.db.capability().name)
            .field("handlers", &self.engine.plan.entries().len())
            .finish_non_exhaustive()
    }
}
