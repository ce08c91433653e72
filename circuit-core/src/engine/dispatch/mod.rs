//! Event triggers: handlers run because somebody else already wrote (A14).
//!
//! Each handler is a subscriber of its own, as each Apex trigger on an event is: it has its own
//! transaction, governor and retries, and a handler that gives up stops no other one.

mod batch;
mod deliver;
mod delivery;
mod event;
mod snapshot;
mod source;

pub(super) use delivery::Delivering;
pub(super) use delivery::Subscriptions;
pub use delivery::{Delivered, DeliveryEnd, Dispatched, StoppedHandler};
pub use event::{ChangeEvent, ChangeKind};
pub use source::EventSource;
pub(super) use source::verify_sources;

use std::sync::Arc;

use self::batch::Batch;
use super::cause::Quiddity;
use super::circuit::Circuit;
use super::session::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::registry::TriggerRegistration;
use crate::value::Text;

/// The most events that one run of a handler gets (A14).
const BATCH: usize = 2_000;

impl Session {
    /// Runs the handlers for changes that somebody else made, in batches of up to 2,000, in order.
    ///
    /// Only handlers of after-events run, and nothing can be vetoed or changed any more. A handler
    /// that returns a [`RetryableError`](crate::RetryableError) gets the batch again, up to 9
    /// times with growing delays; after that it is stopped until
    /// [`resume`](Circuit::resume). Any other error ends its run, and the batch is not delivered
    /// to it again. What became of each handler is in the answer.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for an event without a record; [`ErrorKind::Unavailable`] if
    /// records or snapshots cannot be read. Snapshots that cannot be stored are in the answer.
    pub async fn dispatch(
        &self,
        events: impl IntoIterator<Item = ChangeEvent> + Send,
    ) -> Result<Dispatched> {
        let events: Vec<Arc<ChangeEvent>> = events.into_iter().map(Arc::new).collect();
        if let Some(event) = events.iter().find(|event| event.ids.is_empty()) {
            return Err(Error::new(ErrorKind::InvalidInput, "an event names no record")
                .with("object", event.fields.object())
                .with("event", &event.replay_id));
        }
        let mut session = self.clone();
        if session.start.quiddity == Quiddity::default() {
            Arc::make_mut(&mut session.start).quiddity = Quiddity::Event;
        }
        let mut dispatched = Dispatched::default();
        for events in events.chunks(BATCH) {
            let mut batch = Batch::load(&session, events).await?;
            for handler in batch.handlers(&session) {
                let delivered = session.deliver(&handler, &batch).await;
                dispatched.deliveries.push(delivered);
            }
            // Also after a failure: one handler does not keep the others from what they see.
            if let Err(error) = batch.store_snapshots(&session).await {
                dispatched.snapshot_errors.push(error);
            }
        }
        Ok(dispatched)
    }

    fn stopped(&self, handler: &TriggerRegistration) -> bool {
        self.engine.subscriptions.is_stopped(handler)
    }
}

impl Circuit {
    /// Runs the handlers for changes that somebody else made. See [`Session::dispatch`].
    ///
    /// # Errors
    /// As [`Session::dispatch`].
    pub async fn dispatch(
        &self,
        events: impl IntoIterator<Item = ChangeEvent> + Send,
    ) -> Result<Dispatched> {
        self.session().dispatch(events).await
    }

    /// Returns the handlers that gave up an event and get no further ones.
    pub fn stopped_handlers(&self) -> Vec<StoppedHandler> {
        self.engine().subscriptions.list()
    }

    /// Lets a handler that gave up get events again; answers whether it was stopped.
    ///
    /// The source delivers what was missed, from the event that [`StoppedHandler`] names.
    pub fn resume(&self, object: impl Into<Text>, handler: impl Into<Text>) -> bool {
        self.engine().subscriptions.resume(&object.into(), &handler.into())
    }
}
