//! One thing that an execution did.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Failure;
use crate::event::TriggerEvent;
use crate::value::Text;

/// What a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StepKind {
    /// A handler ran over a chunk.
    Handler,
    /// A hook ran.
    Hook,
    /// A DML call.
    Dml,
    /// A query.
    Query,
    /// A callout.
    Callout,
    /// The writes went to the store.
    Commit,
}

/// One thing that an execution did. Steps stand in the order in which they began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Step {
    /// What it is.
    pub kind: StepKind,
    /// The step that it is part of, by its place in the list.
    pub parent: Option<u32>,
    /// The handler, hook, service, or what a DML call does, such as `insert`.
    pub name: Text,
    /// The object.
    pub object: Text,
    /// The event that the handler ran for.
    pub event: Option<TriggerEvent>,
    /// Which chunk a handler saw, and of how many.
    pub chunk: Option<(u32, u32)>,
    /// The records that it was about: shown, written, or found.
    pub rows: u64,
    /// When it began, from the start of the execution.
    pub start: Duration,
    /// How long it took.
    pub duration: Duration,
    /// The processor time of the handler itself, without what it called.
    pub cpu: Duration,
    /// The most bytes that the handler held at a time.
    pub peak: u64,
    /// Why it failed. Boxed, because most steps do not.
    pub error: Option<Box<Failure>>,
}

impl Step {
    /// The time of a step that is not over.
    pub(super) const UNDER_WAY: Duration = Duration::MAX;

    pub(crate) fn new(kind: StepKind, parent: Option<u32>, name: Text, start: Duration) -> Self {
        Self {
            kind,
            parent,
            name,
            object: Text::default(),
            event: None,
            chunk: None,
            rows: 0,
            start,
            duration: Self::UNDER_WAY,
            cpu: Duration::ZERO,
            peak: 0,
            error: None,
        }
    }
}
