//! What an execution hands to a store at its end, and what the store answers.

use std::collections::HashMap;

use crate::error::StatusCode;
use crate::record::{Record, RecordId};
use crate::value::Text;

/// The version of a stored record: another number whenever the record has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Version(pub u64);

/// What a write does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WriteKind {
    /// Stores a record that is not there.
    Insert,
    /// Replaces a record.
    Update,
    /// Moves a record to the recycle bin.
    Delete,
    /// Brings a record back from the recycle bin, with the fields of the write.
    Undelete,
    /// Removes a record for good, from the recycle bin or from where it lives.
    Purge,
    /// Changes nothing; a record that is not deleted must have the version, or the plan conflicts.
    Check,
}

/// One staged write.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Write {
    /// What is done.
    pub kind: WriteKind,
    /// The record's id; a placeholder where the store assigns ids.
    pub id: RecordId,
    /// The whole record after the write; for a delete, as it was.
    pub record: Record,
    /// The record before the execution, for stores that send only what changed.
    pub before: Option<Record>,
    /// The version that the write was based on; `None` for an insert.
    pub base: Option<Version>,
    /// For a delete: the record whose delete took this one along, to come back with it. Boxed,
    /// because few writes have one.
    pub deleted_with: Option<Box<RecordId>>,
}

impl Write {
    /// Creates a write.
    pub fn new(kind: WriteKind, id: RecordId, record: Record) -> Self {
        Self { kind, id, record, before: None, base: None, deleted_with: None }
    }

    /// Sets the record and version that the write was based on.
    #[must_use]
    pub fn with_base(mut self, before: Record, version: Version) -> Self {
        self.before = Some(before);
        self.base = Some(version);
        self
    }
}

/// The staged writes of one execution: each record once, what is referred to before what refers.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct CommitPlan {
    /// The writes in the order in which they are applied.
    pub writes: Vec<Write>,
}

impl CommitPlan {
    /// Creates a plan.
    pub fn new(writes: Vec<Write>) -> Self {
        Self { writes }
    }
}

/// Why a write of a plan was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WriteProblem {
    /// The write's index in the plan.
    pub write: usize,
    /// The status code that the record gets.
    pub status: StatusCode,
    /// What a person reads.
    pub message: String,
    /// The unique field at fault.
    pub field: Option<Text>,
}

impl WriteProblem {
    /// Creates a problem of a write.
    pub fn new(write: usize, status: StatusCode, message: impl Into<String>) -> Self {
        Self { write, status, message: message.into(), field: None }
    }

    /// Names the unique field at fault.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<Text>) -> Self {
        self.field = Some(field.into());
        self
    }
}

/// What became of a plan.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum CommitOutcome {
    /// The plan is stored. Placeholders are mapped to the ids that the store assigned.
    Committed {
        /// The final id of each placeholder; empty where callers choose ids.
        ids: HashMap<RecordId, RecordId>,
    },
    /// A record has another version than its write was based on; nothing is stored.
    Conflict {
        /// The index of the write.
        write: usize,
    },
    /// Writes were refused for a reason that a second run would not change; nothing is stored.
    Refused(Vec<WriteProblem>),
}
