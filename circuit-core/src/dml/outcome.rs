//! What an execution did.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::result::SaveResult;
use crate::error::{Error, ErrorKind, Result};
use crate::governor::{LimitWarning, Usage};
use crate::log::LogEntry;
use crate::record::RecordId;
use crate::report::ExecutionReport;
use crate::value::Text;

/// An after-commit hook that failed: the records are stored all the same.
#[derive(Debug)]
#[non_exhaustive]
pub struct PostCommitFailure {
    /// The name of the hook.
    pub hook: Text,
    /// The handler that registered it; `host` for the host's and the engine's own.
    pub handler: Text,
    /// What went wrong.
    pub error: Error,
}

/// What an execution did: its answer, id, usage and log.
///
/// `T` is what the host's code answered; for one DML call the results of its records, in order.
#[derive(Debug)]
#[non_exhaustive]
pub struct Outcome<T = Vec<SaveResult>> {
    /// The answer.
    pub value: T,
    /// The final id of each placeholder; empty where callers choose ids.
    pub(crate) ids: HashMap<RecordId, RecordId>,
    pub(crate) report: Arc<ExecutionReport>,
    pub(crate) warnings: Vec<LimitWarning>,
    pub(crate) post_commit: Vec<PostCommitFailure>,
    pub(crate) duration: Duration,
}

impl<T> Outcome<T> {
    /// Returns the execution's id.
    pub fn execution_id(&self) -> Uuid {
        self.report.id
    }

    /// Returns all that the execution leaves behind, its steps among it.
    pub fn report(&self) -> &Arc<ExecutionReport> {
        &self.report
    }

    /// Returns what the execution used, as a whole and per handler.
    pub fn usage(&self) -> &Usage {
        &self.report.usage
    }

    /// Returns the entries of the execution's log, in order.
    pub fn log(&self) -> &[Arc<LogEntry>] {
        &self.report.log
    }

    /// Returns the limits of which 80 % or 90 % were used, in order.
    pub fn warnings(&self) -> &[LimitWarning] {
        &self.warnings
    }

    /// Returns the after-commit hooks that failed, in order; the records are stored all the same.
    pub fn post_commit_failures(&self) -> &[PostCommitFailure] {
        &self.post_commit
    }

    /// Returns the answer if all that was to follow the commit went well.
    ///
    /// # Errors
    /// [`ErrorKind::PostCommit`]: the records are stored, but an after-commit hook failed.
    pub fn into_clean(mut self) -> Result<T> {
        if self.post_commit.is_empty() {
            return Ok(self.value);
        }
        let failed = self.post_commit.len();
        let first = self.post_commit.swap_remove(0);
        Err(Error::new(ErrorKind::PostCommit, "committed, but an after-commit hook failed")
            .with("hook", first.hook)
            .with("handler", first.handler)
            .with("failed", failed)
            .with("execution", self.report.id)
            .with_source(first.error))
    }

    /// Returns how often the execution was run again because of a conflict.
    pub fn reruns(&self) -> u32 {
        self.report.reruns
    }

    /// Returns how long the execution took, from its start to the end of its commit.
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// Returns the id that a record has after the commit; another one than in the execution only
    /// where the store assigns ids.
    pub fn final_id<'a>(&'a self, id: &'a RecordId) -> &'a RecordId {
        self.ids.get(id).unwrap_or(id)
    }
}

impl Outcome {
    /// Returns the results of the records, in the order in which they were given.
    pub fn results(&self) -> &[SaveResult] {
        &self.value
    }

    /// Returns the ids of the records that were saved, in order.
    pub fn ids(&self) -> impl Iterator<Item = &RecordId> {
        self.value.iter().filter(|result| result.is_success()).filter_map(SaveResult::id)
    }
}

impl<T> fmt::Display for Outcome<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "execution {}: {}", self.report.id, self.report.usage)?;
        if self.report.reruns > 0 {
            write!(f, "; run again {} times", self.report.reruns)?;
        }
        for failed in &self.post_commit {
            let PostCommitFailure { hook, handler, error } = failed;
            write!(f, "\n  committed, but the hook {hook} of {handler} failed: {error}")?;
        }
        for entry in &self.report.log {
            write!(f, "\n  {:?} {}: {}", entry.level, entry.handler, entry.message)?;
            for (name, value) in &entry.data {
                write!(f, " {name}={value}")?;
            }
        }
        Ok(())
    }
}
