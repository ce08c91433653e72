//! One call of one handler.

use crate::engine::Execution;
use crate::error::{Error, RowFailure};
use crate::event::TriggerEvent;
use crate::record::{Record, RecordId};

/// One row of a chunk on its way through the save.
#[derive(Debug)]
pub(crate) struct RowState {
    /// Its index in the caller's list.
    pub(crate) index: usize,
    pub(crate) id: Option<RecordId>,
    pub(crate) new: Option<Record>,
    pub(crate) old: Option<Record>,
    pub(crate) failures: Vec<RowFailure>,
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
}

impl ChunkInfo {
    pub(crate) fn new(total: usize, number: usize, of: usize) -> Self {
        Self { total, number, of }
    }
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
}

/// Carries an error out of a handler that cannot return it; caught around the handler.
pub(crate) struct Thrown(pub(crate) Error);

impl Thrown {
    /// Ends the running handler with an error, without a panic message.
    pub(crate) fn throw(error: Error) -> ! {
        std::panic::resume_unwind(Box::new(Self(error)))
    }
}
