//! What became of events: per handler, per run.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::dml::Outcome;
use crate::error::{Error, Result};
use crate::registry::TriggerRegistration;
use crate::transaction::Mark;
use crate::value::Text;

/// What became of events, handler by handler.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Dispatched {
    /// One entry for each handler and batch, in the order in which they ran.
    pub deliveries: Vec<Delivered>,
    /// The snapshots that could not be stored: later events of these batches' records may have
    /// older old values.
    pub snapshot_errors: Vec<Error>,
}

/// What one handler made of one batch.
#[derive(Debug)]
#[non_exhaustive]
pub struct Delivered {
    /// The handler's name.
    pub handler: Text,
    /// Its object.
    pub object: Text,
    /// How often it ran.
    pub runs: u32,
    /// The runs that were committed, in order.
    pub outcomes: Vec<Outcome<()>>,
    /// The errors after which the handler went on at a checkpoint, in order.
    pub errors: Vec<Error>,
    /// How it ended.
    pub end: DeliveryEnd,
}

/// How a delivery ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum DeliveryEnd {
    /// The handler is through with the batch.
    Done,
    /// The handler failed, and does not get the batch again.
    Failed(Error),
    /// The handler asked for the batch once too often, and is stopped.
    GaveUp(Error),
    /// The handler was stopped before.
    Stopped,
}

impl DeliveryEnd {
    /// Returns whether the handler is through with the batch.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }
}

impl Dispatched {
    /// Returns whether every handler is through with every batch.
    pub fn is_done(&self) -> bool {
        self.deliveries.iter().all(|delivered| delivered.end.is_done())
    }

    /// Returns the first failure as an error.
    ///
    /// # Errors
    /// [`ErrorKind::GaveUp`](crate::ErrorKind::GaveUp), or what the handler failed with.
    pub fn into_result(self) -> Result<()> {
        for delivered in self.deliveries {
            if let DeliveryEnd::Failed(error) | DeliveryEnd::GaveUp(error) = delivered.end {
                return Err(error);
            }
        }
        Ok(())
    }
}

/// A handler that gave up an event and gets no further ones.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoppedHandler {
    /// The handler's name.
    pub handler: Text,
    /// Its object.
    pub object: Text,
    /// The replay id of the first event of the batch that it gave up.
    pub replay_id: Text,
    /// The last error.
    pub error: String,
}

/// The handlers that are stopped.
#[derive(Debug, Default)]
pub(in crate::engine) struct Subscriptions(Mutex<Vec<StoppedHandler>>);

impl Subscriptions {
    fn stopped(&self) -> MutexGuard<'_, Vec<StoppedHandler>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_stopped(&self, handler: &TriggerRegistration) -> bool {
        self.stopped().iter().any(|stopped| stopped.is(handler.object(), handler.name()))
    }

    pub(super) fn stop(&self, stopped: StoppedHandler) {
        self.stopped().push(stopped);
    }

    pub(super) fn list(&self) -> Vec<StoppedHandler> {
        self.stopped().clone()
    }

    pub(super) fn resume(&self, object: &Text, handler: &Text) -> bool {
        let mut stopped = self.stopped();
        let before = stopped.len();
        stopped.retain(|other| !other.is(object, handler));
        stopped.len() < before
    }
}

impl StoppedHandler {
    fn is(&self, object: &Text, handler: &Text) -> bool {
        self.object.eq_ignore_ascii_case(object) && self.handler == *handler
    }
}

/// What an execution knows about the delivery that it is.
#[derive(Debug, Default)]
pub(in crate::engine) struct Delivering {
    pub(in crate::engine) retries: u32,
    pub(in crate::engine) last_error: Option<String>,
    /// The replay ids of the batch's events, in order.
    pub(in crate::engine) replay_ids: Vec<Text>,
    /// The event after which a new run begins if this one fails, and what was done until then.
    pub(in crate::engine) checkpoint: Mutex<Option<(usize, Mark)>>,
}

impl Delivering {
    pub(in crate::engine) fn checkpoint(&self) -> Option<(usize, Mark)> {
        *self.checkpoint.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
