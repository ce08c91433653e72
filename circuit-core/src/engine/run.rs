//! One execution from its start to its commit, and again after a conflict.

use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tracing::Instrument;

use super::callout::CalloutRule;
use super::execution::{Execution, HOST};
use super::report::{Earlier, Reported};
use super::session::Session;
use super::start::Start;
use crate::db::{CommitOutcome, CommitPlan, WriteKind, WriteProblem};
use crate::dml::{DryRun, Outcome, PlannedHook};
use crate::error::{Error, ErrorKind, Result, RowFailure};
use crate::governor::Limit;
use crate::record::RecordId;
use crate::report::{ExecutionEnd, StepKind};
use crate::value::Text;

/// How often an execution is run again because of a conflict.
const MAX_RERUNS: u32 = 3;

/// What one run of an execution came to.
pub(super) enum Run<T> {
    Done(Box<Outcome<T>>),
    Failed(Reported, Error),
}

/// The final id of each placeholder.
type FinalIds = HashMap<RecordId, RecordId>;

impl Session {
    pub(super) async fn run_to_commit<T, F, Fut>(&self, code: &F) -> Result<Outcome<T>>
    where
        F: Fn(Execution) -> Fut + Send + Sync,
        Fut: Future<Output = Result<T>> + Send,
        T: Send,
    {
        let mut earlier = Earlier::default();
        loop {
            let (execution, error) = match self.run_once(code, earlier).await {
                Run::Done(outcome) => return Ok(*outcome),
                Run::Failed(execution, error) => (execution, error),
            };
            let reruns = execution.reruns();
            if execution.may_run_again(&error, reruns) {
                earlier = execution.superseded();
                continue;
            }
            let error = error.with("execution", execution.id());
            let error = if reruns > 0 { error.with("reruns", reruns) } else { error };
            let error = execution.run_after_rollback(self, error).await;
            return Err(execution.failed(error));
        }
    }

    /// Runs the code once; `earlier` are the runs before, that a conflict ended.
    pub(super) async fn run_once<T, F, Fut>(&self, code: &F, earlier: Earlier) -> Run<T>
    where
        F: Fn(Execution) -> Fut + Send + Sync,
        Fut: Future<Output = Result<T>> + Send,
    {
        let execution = Reported::new(Execution::start(&self.engine, &self.start), earlier);
        let (log, span) = (execution.log().clone(), execution.span());
        let work = pin!(async move {
            match self.work(&execution, code).await {
                Ok(answer) => self.finish(execution, answer, None).await,
                Err(error) => Run::Failed(execution, error),
            }
        });
        log.within(work.instrument(span)).await
    }

    /// Commits, and runs what follows the commit; `error` is why it went no further.
    pub(super) async fn finish<T>(
        &self,
        execution: Reported,
        value: T,
        error: Option<&Error>,
    ) -> Run<T> {
        let ids = match commit(&execution).await {
            Ok(ids) => ids,
            Err(error) => return Run::Failed(execution, error),
        };
        execution.state().committed.store(true, Ordering::Release);
        let duration = execution.governor().elapsed();
        let post_commit = if execution.has_after_commit() {
            Box::pin(execution.run_after_commit(self, &ids)).await
        } else {
            Vec::new()
        };
        let warnings = execution.governor().warnings();
        let report = execution.close(ExecutionEnd::Committed, error, &ids);
        Run::Done(Box::new(Outcome { value, ids, report, warnings, post_commit, duration }))
    }

    pub(super) async fn run_without_commit<T, F, Fut>(&self, code: &F) -> Result<DryRun<T>>
    where
        F: Fn(Execution) -> Fut + Send + Sync,
        Fut: Future<Output = Result<T>> + Send,
    {
        let start = Start { callouts: CalloutRule::Never, ..Start::clone(&self.start) };
        let execution = Execution::start(&self.engine, &Arc::new(start));
        let execution = Reported::new(execution, Earlier::default());
        let answer = {
            let work = pin!(self.work(&execution, code));
            let work = work.instrument(execution.span());
            execution.log().within(work).await
        };
        let answer = match answer {
            Err(error) if error.is_conflict() => return Err(execution.failed(error)),
            answer => answer,
        };
        let (mut hooks, mut changes) = (Vec::new(), Vec::new());
        if answer.is_ok() {
            let mut transaction = execution.transaction();
            hooks.extend(transaction.commit_hooks().map(|hook| PlannedHook {
                when: hook.kind.name(),
                name: hook.name.clone(),
                handler: hook.handler.clone(),
            }));
            hooks.extend(self.engine.hooks.names().map(|(when, name)| PlannedHook {
                when,
                name: name.clone(),
                handler: HOST,
            }));
            // Own hooks and the engine's after them, but all before the commit first.
            hooks.sort_by_key(|hook: &PlannedHook| hook.when != "before commit");
            changes = transaction.plan().writes;
        }
        let warnings = execution.governor().warnings();
        let error = answer.as_ref().err();
        let report = execution.close(ExecutionEnd::DryRun, error, &HashMap::new());
        Ok(DryRun {
            answer,
            changes,
            hooks,
            usage: report.usage.clone(),
            warnings,
            log: report.log.clone(),
            execution_id: report.id,
            report,
        })
    }

    /// Runs the code and the hooks before the commit; nothing runs in the execution after that.
    async fn work<T, F, Fut>(&self, execution: &Execution, code: &F) -> Result<T>
    where
        F: Fn(Execution) -> Fut + Send + Sync,
        Fut: Future<Output = Result<T>> + Send,
    {
        let open: Vec<_> =
            self.start.bypasses.iter().map(|bypass| execution.bypass(bypass.clone())).collect();
        let (hooks, payer) = (u64::from(self.start.hooks), execution.payer());
        if hooks > 0 {
            execution.governor().reach(Limit::HookDepth, hooks, payer)?;
        }
        let run = async {
            match code(execution.clone()).await {
                Ok(answer) if !execution.has_before_commit() => Ok(answer),
                Ok(answer) => Box::pin(execution.run_before_commit()).await.map(|()| answer),
                Err(error) => Err(error),
            }
        };
        let answer = execution.within_deadline(run).await;
        drop(open);
        let over = execution.end();
        let governor = execution.governor();
        governor.check(execution.payer())?;
        governor.check_memory(execution.payer())?;
        let answer = answer.flatten();
        if execution.has_conflict() && !answer.as_ref().is_err_and(Error::is_conflict) {
            let message = "another execution changed a record first, and a handler hid the error";
            return Err(Error::new(ErrorKind::Conflict, message));
        }
        let answer = answer?;
        over?;
        Ok(answer)
    }
}

impl Execution {
    /// Whether a new run may succeed: after a conflict, and once after the store refused a commit,
    /// because the new run then finds the row at fault by itself. Never after a callout.
    pub(super) fn may_run_again(&self, error: &Error, reruns: u32) -> bool {
        let most = match error.kind() {
            ErrorKind::Conflict => MAX_RERUNS,
            ErrorKind::Unavailable if self.state().lost.load(Ordering::Acquire) => MAX_RERUNS,
            ErrorKind::Dml if error.context("refused by").is_some() => 1,
            _ => 0,
        };
        reruns < most && !self.state().called_out.load(Ordering::Acquire)
    }
}

/// Commits what was staged, as a step of its own.
async fn commit(execution: &Execution) -> Result<FinalIds> {
    let plan = execution.transaction().plan();
    if plan.writes.is_empty() {
        return Ok(HashMap::new());
    }
    let step = execution.step(StepKind::Commit, &Text::from_static("commit"));
    step.rows(plan.writes.len() as u64);
    step.end(hand_over(execution, plan).await)
}

/// Hands the plan to the store.
async fn hand_over(execution: &Execution, plan: CommitPlan) -> Result<FinalIds> {
    let state = execution.state();
    state.handed_over.store(true, Ordering::Release);
    let db = &state.engine.db;
    let writes = plan.writes.iter().filter(|write| write.kind != WriteKind::Check);
    let records = writes.map(|write| (Some(&write.id), &write.record));
    state.recorder.keys(&state.engine.indexed, records);
    refuse_oversize(&plan, db.capability().max_writes)?;
    match db.commit(plan).await.map_err(|error| error.with("execution", execution.id()))? {
        CommitOutcome::Committed { ids } => Ok(ids),
        CommitOutcome::Conflict { write } => {
            let (object, id) = written(execution, write)?;
            Err(execution.conflict(&object, id))
        }
        CommitOutcome::Refused(problems) => Err(refused(execution, problems)),
    }
}

/// Returns the object and id of a write of the plan.
fn written(execution: &Execution, write: usize) -> Result<(Text, RecordId)> {
    let transaction = execution.transaction();
    let found = transaction.written(write);
    found.map(|(object, id)| (object.clone(), id.clone())).ok_or_else(|| {
        Error::new(ErrorKind::Corrupt, "the store answered about a write that it was not given")
            .with("write", write)
            .with("execution", execution.id())
    })
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
///
/// Which row of which call a write was is not known any more, so each problem names its record.
fn refused(execution: &Execution, problems: Vec<WriteProblem>) -> Error {
    let mut failures = Vec::with_capacity(problems.len());
    let mut first = None;
    for (i, problem) in problems.into_iter().enumerate() {
        let (object, id) = match written(execution, problem.write) {
            Ok(found) => found,
            Err(error) => return error,
        };
        let message = format!("{object} {id}: {}", problem.message);
        first.get_or_insert((object, id));
        let failure = RowFailure::new(i, problem.status, message);
        failures.push(problem.field.into_iter().fold(failure, RowFailure::with_field));
    }
    let error = Error::new(ErrorKind::Dml, "the store refused the commit")
        .with("refused by", execution.state().engine.db.capability().name)
        .with("execution", execution.id())
        .with_failures(failures);
    match first {
        Some((object, id)) => error.with("object", object).with("id", id),
        None => error,
    }
}
