//! One call of one handler.

use std::sync::Arc;

use crate::engine::{ChangeEvent, Execution};
use crate::error::{Error, RowFailure};
use crate::event::TriggerEvent;
use crate::record::{Record, RecordId};
use crate::value::{Text, Value};

/// One row of a chunk on its way through the save.
#[derive(Debug)]
pub(crate) struct RowState {
    /// Its index in the caller's list.
    pub(crate) index: usize,
    pub(crate) id: Option<RecordId>,
    pub(crate) new: Option<Record>,
    pub(crate) old: Option<Record>,
    pub(crate) failures: Vec<RowFailure>,
    /// The change that somebody else made, in an event trigger.
    pub(crate) change: Option<Arc<ChangeEvent>>,
}

/// Which part of a call a handler sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChunkInfo {
    /// The rows of the whole call.
    pub total: usize,
    /// The number of this chunk, from 1.
    pub number: usize,
    /// The number of chunks of the call.
    pub of: usize,
    /// The attempt of a partial save, from 1 to 3; 1 in every other call.
    pub attempt: u32,
    /// Whether update handlers run once more because of field updates.
    pub refire: bool,
}

/// A field that an after handler wants to have another value, by the record's id.
#[derive(Debug)]
pub(crate) struct FieldUpdate {
    pub(crate) id: RecordId,
    pub(crate) field: Text,
    pub(crate) value: Value,
}

/// One call of one handler, before its records have a type.
#[derive(Debug)]
pub struct Invocation<'a> {
    pub(crate) execution: Execution,
    pub(crate) event: TriggerEvent,
    pub(crate) chunk: ChunkInfo,
    pub(crate) rows: &'a mut [RowState],
    /// Which rows the handler is shown.
    pub(crate) shown: &'a [usize],
    /// What after handlers want to have changed.
    pub(crate) field_updates: &'a mut Vec<FieldUpdate>,
}

/// Carries an error out of a handler that cannot return it; caught around the handler.
pub(crate) struct Thrown(pub(crate) Error);

impl Thrown {
    /// Ends the running handler with an error, without a panic message.
    pub(crate) fn throw(error: Error) -> ! {
        std::panic::resume_unwind(Box::new(Self(error)))
    }
}
