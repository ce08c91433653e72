//! What an execution leaves behind: one report, with its steps and its log.

mod step;

pub use step::{Step, StepKind};

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::engine::Quiddity;
use crate::error::Error;
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
    Dropped,
}

/// An error as a report keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Failure {
    /// The code of the page that explains it, such as `C0008`.
    pub code: Text,
    /// What went wrong, as [`Error`] tells it.
    pub message: String,
    /// The handler at fault; empty where none was.
    pub handler: Text,
}

/// What an execution leaves behind.
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
    /// How long it took.
    pub duration: Duration,
    /// What it used, as a whole and per handler.
    pub usage: Usage,
    /// What it might have used.
    pub limits: Limits,
    /// How often it was run again because of a conflict.
    pub reruns: u32,
    /// How it ended.
    pub outcome: ExecutionEnd,
    /// Why it failed.
    pub error: Option<Failure>,
    /// The machine that it ran on.
    pub host: Text,
    /// The version of the program that it ran in, as the host told it.
    pub build: Text,
    /// What it did, in the order in which it began to.
    pub steps: Vec<Step>,
    /// How many steps were left out because there were too many.
    pub steps_left_out: u64,
    /// Its log.
    pub log: Vec<Arc<LogEntry>>,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self {
            code: Text::from_static(error.code()),
            message: error.to_string(),
            handler: error.context("handler").map(Text::from).unwrap_or_default(),
        }
    }
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
