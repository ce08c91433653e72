//! Who runs executions, and with which limits.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use super::builder::Engine;
use super::execution::Execution;
use crate::bypass::{Bypass, Who};
use crate::db::{CommitOutcome, CommitPlan, Query, WriteProblem};
use crate::dml::Outcome;
use crate::error::{Error, ErrorKind, Result, RowFailure};
use crate::event::Operation;
use crate::governor::{Governor, Limits};
use crate::record::{IntoRecords, Record, RecordId, SObject};
use crate::value::Text;

/// How often an execution is run again because of a conflict.
const MAX_RERUNS: u32 = 3;

/// Runs executions for one user, with one set of limits.
///
/// # Examples
/// ```no_run
/// # async fn example(circuit: circuit_core::Circuit, contacts: Vec<circuit_core::Record>) -> circuit_core::Result<()> {
/// use circuit_core::{Bypass, Limits};
///
/// let import = circuit
///     .session()
///     .with_user("loader")
///     .with_limits(Limits::apex_v67_async())
///     .with_bypass(Bypass::named("IMPORT"));
/// let outcome = import.insert(contacts).await?;
/// println!("{outcome}");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Session {
    engine: Arc<Engine>,
    who: Who,
    limits: Limits,
    bypasses: Vec<Bypass>,
}

/// What one run of an execution came to.
enum Run<T> {
    Done(Box<Outcome<T>>),
    Again(Error),
}

impl Session {
    pub(super) fn new(engine: Arc<Engine>) -> Self {
        let limits = engine.limits.clone();
        Self { engine, who: Who::default(), limits, bypasses: Vec::new() }
    }

    /// Sets the user.
    #[must_use]
    pub fn with_user(mut self, user: impl Into<Text>) -> Self {
        self.who.user = user.into();
        self
    }

    /// Sets the tenant.
    #[must_use]
    pub fn with_tenant(mut self, tenant: impl Into<Text>) -> Self {
        self.who.tenant = tenant.into();
        self
    }

    /// Gives the user a permission.
    #[must_use]
    pub fn with_permission(mut self, permission: impl Into<Text>) -> Self {
        self.who.permissions.push(permission.into());
        self
    }

    /// Sets the limits of each execution.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Leaves handlers out in each execution.
    #[must_use]
    pub fn with_bypass(mut self, bypass: Bypass) -> Self {
        self.bypasses.push(bypass);
        self
    }

    /// Runs the host's code as one execution: one transaction, committed when the code returns `Ok`.
    ///
    /// After a conflict the code is run again, at most three times, so it should do nothing but
    /// what it does through the execution. Dropping the future rolls back.
    ///
    /// # Errors
    /// What the code returned; [`ErrorKind::Conflict`] after the last run; [`ErrorKind::Dml`] if
    /// the store refused a record; [`ErrorKind::LimitExceeded`], also if the code swallowed it.
    pub async fn run<T, F, Fut>(&self, code: F) -> Result<Outcome<T>>
    where
        F: Fn(Execution) -> Fut + Send + Sync,
        Fut: Future<Output = Result<T>> + Send,
        T: Send,
    {
        let mut reruns = 0;
        loop {
            match self.run_once(&code).await? {
                Run::Done(mut outcome) => {
                    outcome.reruns = reruns;
                    return Ok(*outcome);
                }
                Run::Again(error) if reruns == MAX_RERUNS => {
                    return Err(error.with("reruns", reruns));
                }
                Run::Again(_) => reruns += 1,
            }
        }
    }

    async fn run_once<T, F, Fut>(&self, code: &F) -> Result<Run<T>>
    where
        F: Fn(Execution) -> Fut + Send + Sync,
        Fut: Future<Output = Result<T>> + Send,
    {
        let engine = &self.engine;
        let started = engine.clock.elapsed();
        let governor = Governor::new(self.limits.clone(), Arc::clone(&engine.clock));
        let execution =
            Execution::start(engine, engine.ids.execution_id(), self.who.clone(), governor);
        let _open: Vec<_> =
            self.bypasses.iter().map(|bypass| execution.bypass(bypass.clone())).collect();
        let answer = code(execution.clone()).await;
        execution.end();
        let answer = match answer {
            Err(error) if error.is_conflict() => return Ok(Run::Again(error)),
            answer => answer.map_err(|error| error.with("execution", execution.id()))?,
        };
        if execution.has_conflict() {
            return Ok(Run::Again(Error::new(
                ErrorKind::Conflict,
                "a handler swallowed a conflict",
            )));
        }
        execution.governor().check(execution.handler())?;
        let ids = match commit(&execution).await? {
            Ok(ids) => ids,
            Err(conflict) => return Ok(Run::Again(conflict)),
        };
        Ok(Run::Done(Box::new(Outcome {
            value: answer,
            ids,
            execution_id: execution.id(),
            usage: execution.governor().usage(),
            log: execution.log().take(),
            reruns: 0,
            duration: engine.clock.elapsed().saturating_sub(started),
        })))
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("who", &self.who)
            .field("limits", &self.limits)
            .field("bypasses", &self.bypasses)
            .finish_non_exhaustive()
    }
}

/// DML calls, each an execution of its own.
impl Session {
    /// Inserts records, all or none. Errors: see [`Execution::insert`].
    pub async fn insert<R: IntoRecords>(&self, records: R) -> Result<Outcome> {
        self.dml(Operation::Insert, records.into_records()).await
    }

    /// Updates records, all or none. Errors: see [`Execution::update`].
    pub async fn update<R: IntoRecords>(&self, records: R) -> Result<Outcome> {
        self.dml(Operation::Update, records.into_records()).await
    }

    /// Deletes records, all or none. Errors: see [`Execution::delete`].
    pub async fn delete<R: IntoRecords>(&self, records: R) -> Result<Outcome> {
        self.dml(Operation::Delete, records.into_records()).await
    }

    /// Brings records back from the recycle bin, all or none. Errors: see [`Execution::undelete`].
    pub async fn undelete<R: IntoRecords>(&self, records: R) -> Result<Outcome> {
        self.dml(Operation::Undelete, records.into_records()).await
    }

    /// Returns the records that match. Errors: see [`Execution::query`].
    pub async fn query<T: SObject>(&self, query: Query) -> Result<Vec<T>> {
        let query = &query;
        let run = |execution: Execution| async move { execution.query(query.clone()).await };
        Ok(self.run(run).await?.value)
    }

    async fn dml(&self, operation: Operation, records: Vec<Record>) -> Result<Outcome> {
        let records = &records;
        let run =
            |execution: Execution| async move { execution.save(operation, records.clone()).await };
        let mut outcome = self.run(run).await?;
        for result in &mut outcome.value {
            if let Some(id) = outcome.ids.get(&result.id) {
                result.id = id.clone();
            }
        }
        Ok(outcome)
    }
}

/// Hands the plan to the store; the inner error is a conflict, after which a new run may succeed.
async fn commit(
    execution: &Execution,
) -> Result<std::result::Result<HashMap<RecordId, RecordId>, Error>> {
    let plan = execution.transaction().plan();
    if plan.writes.is_empty() {
        return Ok(Ok(HashMap::new()));
    }
    let db = &execution.state().engine.db;
    refuse_oversize(&plan, db.capability().max_writes)?;
    match db.commit(plan).await.map_err(|error| error.with("execution", execution.id()))? {
        CommitOutcome::Committed { ids } => Ok(Ok(ids)),
        CommitOutcome::Conflict { write } => {
            let (object, id) = written(execution, write);
            Ok(Err(execution.conflict(&object, id)))
        }
        CommitOutcome::Refused(problems) => Err(refused(execution, problems)),
    }
}

/// Returns the object and id of a write of the plan.
fn written(execution: &Execution, write: usize) -> (Text, RecordId) {
    let transaction = execution.transaction();
    let found = transaction.written(write).map(|(key, id)| (key.clone(), id.clone()));
    let (key, id) = found.expect("stores answer with the indexes of the plan's writes");
    (execution.state().engine.catalog.get(&key).name.clone(), id)
}

fn refuse_oversize(plan: &CommitPlan, most: Option<usize>) -> Result<()> {
    match most {
        Some(most) if plan.writes.len() > most => Err(Error::new(
            ErrorKind::Unsupported,
            "the execution writes more records than the store takes at once",
        )
        .with("writes", plan.writes.len())
        .with("most", most)),
        _ => Ok(()),
    }
}

/// The store found at the commit what the checks before could not: somebody else was faster.
fn refused(execution: &Execution, problems: Vec<WriteProblem>) -> Error {
    let first = problems.first().map(|problem| problem.write).unwrap_or_default();
    let (object, id) = written(execution, first);
    let failures = problems
        .into_iter()
        .map(|problem| {
            let failure = RowFailure::new(problem.write, problem.status, problem.message);
            problem.field.into_iter().fold(failure, RowFailure::with_field)
        })
        .collect();
    Error::new(ErrorKind::Dml, "the store refused the commit")
        .with("object", object)
        .with("id", id)
        .with("execution", execution.id())
        .with_failures(failures)
}
