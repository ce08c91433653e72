//! What an execution leaves behind: one report, with its steps and its log.

mod failure;
mod key;
mod recorder;
mod step;

pub use failure::Failure;
pub(crate) use key::IndexedFields;
pub use key::RecordKey;
pub(crate) use recorder::{Doing, Noted, Recorder};
pub use step::{Step, StepKind};

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::engine::Quiddity;
use crate::event::TriggerEvent;
use crate::governor::{Limits, Usage};
use crate::log::LogEntry;
use crate::value::Text;

/// How an execution ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ExecutionEnd {
    /// Its writes are stored, or it wrote nothing.
    Committed,
    /// It failed; nothing of it is stored.
    RolledBack,
    /// It was run to see what it would do; nothing of it is stored.
    DryRun,
    /// It was given up before it was done: its future was dropped.
    ///
    /// Nothing of it is stored, unless its writes were on their way to the store by then: the last
    /// step is the commit in that case, and the store may have taken them.
    Dropped,
}

/// What an execution leaves behind; each leaves one, however it ends.
///
/// Steps and keys are bounded at 2,000 each.
///
/// # Examples
/// ```
/// use circuit_core::{Circuit, ExecutionEnd, Record, Registry};
/// use circuit_db::Memory;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> circuit_core::Result<()> {
/// let registry = Registry::builder().build();
/// let circuit = Circuit::builder().registry(registry).backend(Memory::new()).build()?;
/// let outcome = circuit.insert(Record::new("Contact")).await?;
/// let report = outcome.report();
/// assert_eq!(report.outcome, ExecutionEnd::Committed);
/// assert_eq!((&*report.steps[0].name, &*report.steps[1].name), ("insert", "commit"));
/// assert_eq!(report.keys[0].object, "Contact");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExecutionReport {
    /// The execution.
    pub id: Uuid,
    /// The execution whose hook started it.
    pub parent: Option<Uuid>,
    /// What the host named as the reason, such as `webhook 42`.
    pub origin: Text,
    /// How it began.
    pub quiddity: Quiddity,
    /// The user; empty if the host named none.
    pub user: Text,
    /// The tenant; empty if the host named none.
    pub tenant: Text,
    /// The object of its first DML call or of the change that it delivers; empty for neither.
    pub object: Text,
    /// The event that it delivers, for an event trigger.
    pub event: Option<TriggerEvent>,
    /// The records of its first DML call or of the changes that it delivers.
    pub records: u64,
    /// When it began.
    pub start: DateTime<Utc>,
    /// When it ended.
    pub end: DateTime<Utc>,
    /// How long it took, with what follows the commit.
    pub duration: Duration,
    /// What it used, as a whole and per handler.
    pub usage: Usage,
    /// What it might have used.
    pub limits: Limits,
    /// How often it was run again because of a conflict.
    pub reruns: u32,
    /// The ids that it had in the runs before, in order: log entries of these runs bear them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Uuid>,
    /// How it ended.
    pub outcome: ExecutionEnd,
    /// Why it failed; for an event trigger that was committed up to a checkpoint, why it went no
    /// further.
    pub error: Option<Failure>,
    /// The machine that it ran on.
    pub host: Text,
    /// The version of the program that it ran in, as the host told it.
    pub build: Text,
    /// What it did, in the order in which it began to.
    pub steps: Vec<Step>,
    /// How many steps were left out because there were too many.
    pub steps_left_out: u64,
    /// The records that were given to its DML calls, written or delivered: their ids, and the
    /// fields that the host indexes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<RecordKey>,
    /// How many keys were left out because there were too many.
    #[serde(default)]
    pub keys_left_out: u64,
    /// Its log.
    pub log: Vec<Arc<LogEntry>>,
}

impl fmt::Display for ExecutionEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Committed => "committed",
            Self::RolledBack => "rolled back",
            Self::DryRun => "dry run",
            Self::Dropped => "dropped",
        })
    }
}
