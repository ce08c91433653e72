//! The log of an execution: structured entries, each a `tracing` event too.

mod builder;
mod caps;
mod current;
mod entry;
mod filter;
mod redaction;
mod setup;
mod sink;
mod store;
mod tidy;

pub use builder::LogBuilder;
pub use caps::LogCaps;
pub(crate) use entry::named;
pub use entry::{Level, LogEntry};
pub use filter::LogFilter;
pub use redaction::{Redaction, Sensitive};
pub(crate) use setup::Setup;
pub use sink::{LogSink, MemorySink};
pub(crate) use store::Origin;
pub(crate) use tidy::SLACK;

use std::sync::Arc;

use crate::event::TriggerEvent;
use crate::governor::Tally;
use crate::value::Text;
use builder::Draft;
use filter::Least;
use store::Store;

/// The log of one execution, as a handler writes to it; clones write to the same.
///
/// An entry is written when its builder is dropped, at the end of the statement. What the
/// [`LogFilter`] leaves out costs a comparison.
///
/// # Examples
/// ```
/// # use circuit_core::prelude::*;
/// # async fn example(circuit: circuit_core::Circuit) -> circuit_core::Result<()> {
/// let outcome = circuit
///     .run(|execution| async move {
///         execution.log().info("scored").with("grade", "A").with("points", 87);
///         execution.log().debug_with(|| "never made: the default is `info`".to_owned());
///         Ok(())
///     })
///     .await?;
/// let entry = &outcome.log()[0];
/// assert_eq!(entry.message, "scored");
/// assert_eq!(entry.data[1], ("points".into(), 87.into()));
/// assert_eq!(outcome.log().len(), 1);
/// # Ok(())
/// # }
/// # let circuit = circuit_core::Circuit::builder()
/// #     .backend(circuit_db::Memory::new())
/// #     .registry(circuit_core::Registry::builder().build())
/// #     .build()
/// #     .unwrap();
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example(circuit)).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct CircuitLog(Arc<Place>);

/// The place that entries come from.
#[derive(Debug, Clone)]
struct Place {
    store: Arc<Store>,
    tally: Arc<Tally>,
    handler: Text,
    object: Text,
    event: Option<TriggerEvent>,
    depth: u32,
    /// What the filter says about the handler.
    least: Least,
}

impl CircuitLog {
    pub(crate) fn new(
        setup: &Arc<Setup>,
        origin: Origin,
        tally: &Arc<Tally>,
        handler: Text,
    ) -> Self {
        let store = Arc::new(Store::new(setup, origin));
        let least = store.filter().of_handler(&handler);
        let (object, event, tally) = (Text::default(), None, Arc::clone(tally));
        Self(Arc::new(Place { store, tally, handler, object, event, depth: 0, least }))
    }

    /// Returns the same log for entries that tell what another governor counts.
    pub(crate) fn counted_by(&self, tally: &Arc<Tally>) -> Self {
        let place = Place { tally: Arc::clone(tally), ..Place::clone(&self.0) };
        Self(Arc::new(place))
    }

    /// Returns the same log for entries of a handler.
    pub(crate) fn of(
        &self,
        handler: &Text,
        object: &Text,
        event: Option<TriggerEvent>,
        depth: u32,
    ) -> Self {
        Self(Arc::new(Place {
            store: Arc::clone(&self.0.store),
            tally: Arc::clone(&self.0.tally),
            handler: handler.clone(),
            object: object.clone(),
            event,
            depth,
            least: self.0.store.filter().of_handler(handler),
        }))
    }

    /// Returns the same log for entries about a handler, outside of its events.
    pub(crate) fn for_handler(&self, handler: &Text) -> Self {
        self.of(handler, &Text::default(), None, 0)
    }

    /// Returns whether an entry of this level is written from here.
    #[inline]
    pub fn enabled(&self, level: Level) -> bool {
        self.0.least.takes(level)
    }

    /// Starts an entry of a level.
    #[inline]
    pub fn at(&self, level: Level, message: impl Into<Text>) -> LogBuilder<'_> {
        self.at_with(level, || message)
    }

    /// Starts an entry of a level; the message is made only if the entry is written.
    #[inline]
    pub fn at_with<M: Into<Text>>(
        &self,
        level: Level,
        message: impl FnOnce() -> M,
    ) -> LogBuilder<'_> {
        let draft = self.enabled(level).then(|| Draft::new(level, message().into()));
        LogBuilder::new(self, draft)
    }

    /// Starts an entry for somebody who looks for a fault.
    #[inline]
    pub fn debug(&self, message: impl Into<Text>) -> LogBuilder<'_> {
        self.at(Level::Debug, message)
    }

    /// As [`debug`](Self::debug), but the message is made only if the entry is written.
    #[inline]
    pub fn debug_with<M: Into<Text>>(&self, message: impl FnOnce() -> M) -> LogBuilder<'_> {
        self.at_with(Level::Debug, message)
    }

    /// Starts an entry on the normal course of things.
    #[inline]
    pub fn info(&self, message: impl Into<Text>) -> LogBuilder<'_> {
        self.at(Level::Info, message)
    }

    /// As [`info`](Self::info), but the message is made only if the entry is written.
    #[inline]
    pub fn info_with<M: Into<Text>>(&self, message: impl FnOnce() -> M) -> LogBuilder<'_> {
        self.at_with(Level::Info, message)
    }

    /// Starts an entry on something that should be looked at.
    #[inline]
    pub fn warn(&self, message: impl Into<Text>) -> LogBuilder<'_> {
        self.at(Level::Warn, message)
    }

    /// Starts an entry on something that failed.
    #[inline]
    pub fn error(&self, message: impl Into<Text>) -> LogBuilder<'_> {
        self.at(Level::Error, message)
    }
}

/// For events of `tracing` that are collected; a layer of `circuit-observe` does that.
impl CircuitLog {
    /// Returns whether an event of a library is taken: the filter's word on its target counts
    /// before that on the handler.
    pub fn takes(&self, level: Level, target: &str) -> bool {
        self.0.store.filter().of_target(target).unwrap_or(self.0.least).takes(level)
    }

    /// Starts an entry for an event of a library; no event is made of it again.
    pub fn collected(
        &self,
        level: Level,
        target: &str,
        message: impl Into<Text>,
    ) -> LogBuilder<'_> {
        let draft = self
            .takes(level, target)
            .then(|| Draft { target: target.into(), ..Draft::new(level, message.into()) });
        LogBuilder::new(self, draft)
    }
}
