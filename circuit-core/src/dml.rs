//! What DML answers.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use uuid::Uuid;

use crate::governor::Usage;
use crate::log::LogEntry;
use crate::record::RecordId;

/// What became of one record (Apex: `Database.SaveResult`).
///
/// Records are saved all or none, so a result exists for a record that was saved; what was refused
/// is in [`Error::failures`](crate::Error::failures).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SaveResult {
    /// The record's id; a placeholder in a handler where the store assigns ids.
    pub id: RecordId,
}

impl SaveResult {
    pub(crate) fn new(id: RecordId) -> Self {
        Self { id }
    }
}

/// What an execution did: its answer, id, usage and log.
///
/// `T` is what the host's code answered; for one DML call the results of its records, in order.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Outcome<T = Vec<SaveResult>> {
    /// The answer.
    pub value: T,
    /// The final id of each placeholder; empty where callers choose ids.
    pub(crate) ids: HashMap<RecordId, RecordId>,
    pub(crate) execution_id: Uuid,
    pub(crate) usage: Usage,
    pub(crate) log: Vec<LogEntry>,
    pub(crate) reruns: u32,
    pub(crate) duration: Duration,
}

impl<T> Outcome<T> {
    /// Returns the execution's id.
    pub fn execution_id(&self) -> Uuid {
        self.execution_id
    }

    /// Returns what the execution used, as a whole and per handler.
    pub fn usage(&self) -> &Usage {
        &self.usage
    }

    /// Returns the entries of the execution's log, in order.
    pub fn log(&self) -> &[LogEntry] {
        &self.log
    }

    /// Returns how often the execution was run again because of a conflict.
    pub fn reruns(&self) -> u32 {
        self.reruns
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
}

impl<T> fmt::Display for Outcome<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "execution {}: {}", self.execution_id, self.usage)?;
        if self.reruns > 0 {
            write!(f, "; run again {} times", self.reruns)?;
        }
        for entry in &self.log {
            write!(f, "\n  {:?} {}: {}", entry.level, entry.handler, entry.message)?;
            for (name, value) in &entry.data {
                write!(f, " {name}={value}")?;
            }
        }
        Ok(())
    }
}
