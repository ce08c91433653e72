//! Who runs executions, and with which limits.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use chrono_tz::Tz;
use uuid::Uuid;

use super::builder::Engine;
use super::callout::CalloutRule;
use super::cause::Quiddity;
use super::execution::Execution;
use super::query::query_context;
use super::start::Start;
use crate::bypass::Bypass;
use crate::db::QueryPlan;
use crate::dml::{DmlRequest, DryRun, Outcome, SaveResult};
use crate::error::Result;
use crate::governor::Limits;
use crate::log::LogFilter;
use crate::record::{AggregateRow, IntoRecords, SObject};
use crate::soql::{IntoAggregate, IntoQuery, IntoRows};
use crate::value::Text;

/// Runs executions for one user, with one set of limits.
///
/// # Examples
/// ```no_run
/// # async fn example(circuit: circuit_core::Circuit, contacts: Vec<circuit_core::Record>) -> circuit_core::Result<()> {
/// use circuit_core::{Bypass, Limits, Quiddity};
///
/// let import = circuit
///     .session()
///     .with_user("loader")
///     .with_origin(Quiddity::Batch, "nightly import")
///     .with_limits(Limits::apex_v67_async())
///     .with_bypass(Bypass::named("IMPORT"));
/// let outcome = import.insert(contacts).await?;
/// println!("{outcome}");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Session {
    pub(super) engine: Arc<Engine>,
    pub(super) start: Arc<Start>,
}

/// Settings, each for all executions of the session.
impl Session {
    pub(super) fn new(engine: Arc<Engine>) -> Self {
        let start = Arc::new(Start::new());
        Self { engine, start }
    }

    /// The session for what follows an execution: the same, but its child and no delivery of events.
    pub(super) fn for_hooks_of(&self, execution: Uuid) -> Self {
        let mut session = self.clone();
        let start = session.start_mut();
        (start.parent, start.delivering) = (Some(execution), None);
        start.hooks += 1;
        session
    }

    fn start_mut(&mut self) -> &mut Start {
        Arc::make_mut(&mut self.start)
    }

    /// Sets the user.
    #[must_use]
    pub fn with_user(mut self, user: impl Into<Text>) -> Self {
        self.start_mut().who.user = user.into();
        self
    }

    /// Sets the tenant.
    #[must_use]
    pub fn with_tenant(mut self, tenant: impl Into<Text>) -> Self {
        self.start_mut().who.tenant = tenant.into();
        self
    }

    /// Gives the user a permission.
    #[must_use]
    pub fn with_permission(mut self, permission: impl Into<Text>) -> Self {
        self.start_mut().who.permissions.push(permission.into());
        self
    }

    /// Tells how executions begin, and names the reason, such as `webhook 42`.
    #[must_use]
    pub fn with_origin(mut self, quiddity: Quiddity, origin: impl Into<Text>) -> Self {
        let start = self.start_mut();
        (start.quiddity, start.origin) = (quiddity, origin.into());
        self
    }

    /// Sets the limits of each execution; without it, those of the tenant.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.start_mut().limits = Some(limits);
        self
    }

    /// Sets the user's time zone, in which SOQL's words for dates are meant.
    #[must_use]
    pub fn with_time_zone(mut self, zone: Tz) -> Self {
        self.start_mut().zone = Some(zone);
        self
    }

    /// Sets which entries are written to the log, instead of what the engine says.
    #[must_use]
    pub fn with_log_filter(mut self, filter: LogFilter) -> Self {
        self.start_mut().log_filter = Some(Arc::new(filter));
        self
    }

    /// Leaves handlers out in each execution.
    #[must_use]
    pub fn with_bypass(mut self, bypass: Bypass) -> Self {
        self.start_mut().bypasses.push(bypass);
        self
    }

    /// Allows callouts after DML and in handlers: what was called is not undone by a rollback.
    #[must_use]
    pub fn with_callouts_at_any_time(mut self) -> Self {
        self.start_mut().callouts = CalloutRule::Always;
        self
    }
}

/// Executions of several calls.
impl Session {
    /// Runs the host's code as one execution: one transaction, committed when the code returns `Ok`.
    ///
    /// After a conflict the code is run again, at most three times and never after a callout, so it
    /// should do nothing but what it does through the execution. Dropping the future rolls back.
    ///
    /// # Errors
    /// What the code returned; [`ErrorKind::Conflict`] after the last run; [`ErrorKind::Dml`] if
    /// the store refused a record; [`ErrorKind::LimitExceeded`], also if the code swallowed it.
    ///
    /// [`ErrorKind::Conflict`]: crate::ErrorKind::Conflict
    /// [`ErrorKind::Dml`]: crate::ErrorKind::Dml
    /// [`ErrorKind::LimitExceeded`]: crate::ErrorKind::LimitExceeded
    pub async fn run<T, F, Fut>(&self, code: F) -> Result<Outcome<T>>
    where
        F: Fn(Execution) -> Fut + Send + Sync,
        Fut: Future<Output = Result<T>> + Send,
        T: Send,
    {
        self.run_to_commit(&code).await
    }

    /// Runs the host's code as an execution of which nothing is kept.
    ///
    /// Everything runs but the commit: handlers, checks, hooks before the commit. Conflicts with
    /// other executions are not found.
    ///
    /// # Errors
    /// None of the code's own: they are the answer. [`ErrorKind::Conflict`] if a record moved.
    ///
    /// [`ErrorKind::Conflict`]: crate::ErrorKind::Conflict
    pub async fn dry_run_with<T, F, Fut>(&self, code: F) -> Result<DryRun<T>>
    where
        F: Fn(Execution) -> Fut + Send + Sync,
        Fut: Future<Output = Result<T>> + Send,
        T: Send,
    {
        self.run_without_commit(&code).await
    }

    /// Runs a DML call of which nothing is kept. See [`dry_run_with`](Self::dry_run_with).
    ///
    /// # Errors
    /// As [`dry_run_with`](Self::dry_run_with).
    pub async fn dry_run(&self, request: DmlRequest) -> Result<DryRun<Vec<SaveResult>>> {
        let request = &request;
        self.dry_run_with(|execution| async move { execution.dml(request.clone()).await }).await
    }
}

/// DML calls, each an execution of its own. Errors: see [`Execution`] and [`run`](Self::run).
impl Session {
    /// Runs a DML call of any kind and mode.
    pub async fn dml(&self, request: DmlRequest) -> Result<Outcome> {
        let request = &request;
        let code = |execution: Execution| async move { execution.dml(request.clone()).await };
        let mut outcome = self.run(code).await?;
        if !outcome.ids.is_empty() {
            outcome.value.iter_mut().for_each(|result| result.resolve(&outcome.ids));
        }
        Ok(outcome)
    }

    /// Inserts records, all or none.
    pub async fn insert<R: IntoRecords>(&self, records: R) -> Result<Outcome> {
        self.dml(DmlRequest::insert(records)).await
    }

    /// Updates records, all or none.
    pub async fn update<R: IntoRecords>(&self, records: R) -> Result<Outcome> {
        self.dml(DmlRequest::update(records)).await
    }

    /// Updates records that have an id and inserts the others, all or none.
    pub async fn upsert<R: IntoRecords>(&self, records: R) -> Result<Outcome> {
        self.dml(DmlRequest::upsert(records)).await
    }

    /// Deletes records, all or none.
    pub async fn delete<R: IntoRecords>(&self, records: R) -> Result<Outcome> {
        self.dml(DmlRequest::delete(records)).await
    }

    /// Brings records back from the recycle bin, all or none.
    pub async fn undelete<R: IntoRecords>(&self, records: R) -> Result<Outcome> {
        self.dml(DmlRequest::undelete(records)).await
    }
}

/// Queries, each an execution of its own. Errors: see [`Execution`] and [`run`](Self::run).
impl Session {
    /// Returns the records that match.
    pub async fn query<T: SObject>(&self, query: impl IntoQuery<T>) -> Result<Vec<T>> {
        let query = &query.into_query(&query_context(&self.engine, &self.start))?;
        let run = |execution: Execution| async move { execution.query(query.clone()).await };
        Ok(self.run(run).await?.value)
    }

    /// Returns the one record that matches.
    pub async fn query_one<T: SObject>(&self, query: impl IntoQuery<T>) -> Result<T> {
        let query = &query.into_query(&query_context(&self.engine, &self.start))?;
        let run = |execution: Execution| async move { execution.query_one(query.clone()).await };
        Ok(self.run(run).await?.value)
    }

    /// Returns the one record that matches, or `None`.
    pub async fn query_opt<T: SObject>(&self, query: impl IntoQuery<T>) -> Result<Option<T>> {
        let query = &query.into_query(&query_context(&self.engine, &self.start))?;
        let run = |execution: Execution| async move { execution.query_opt(query.clone()).await };
        Ok(self.run(run).await?.value)
    }

    /// Returns the number of records that match.
    pub async fn count(&self, query: impl IntoRows) -> Result<usize> {
        let query = &query.into_rows(&query_context(&self.engine, &self.start))?;
        let run = |execution: Execution| async move { execution.count(query.clone()).await };
        Ok(self.run(run).await?.value)
    }

    /// Returns the rows of a query with groups.
    pub async fn aggregate<T: AggregateRow>(&self, query: impl IntoAggregate<T>) -> Result<Vec<T>> {
        let query = &query.into_aggregate(&query_context(&self.engine, &self.start))?;
        let run = |execution: Execution| async move { execution.aggregate(query.clone()).await };
        Ok(self.run(run).await?.value)
    }

    /// Returns how a query would be answered.
    pub async fn explain(&self, query: impl IntoRows) -> Result<QueryPlan> {
        let query = query.into_rows(&query_context(&self.engine, &self.start))?;
        self.engine.db.explain(&query.resolve(&*self.engine.db)?).await
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("start", &self.start).finish_non_exhaustive()
    }
}
