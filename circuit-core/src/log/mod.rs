//! The log of an execution: structured entries, each a `tracing` event too.

mod entry;
mod sink;

pub use entry::{Level, LogEntry};
pub use sink::LogSink;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use uuid::Uuid;

use crate::env::Clock;
use crate::event::TriggerEvent;
use crate::governor::Used;
use crate::value::Text;

/// The log of one execution, as a handler writes to it.
///
/// An entry is written when its builder is dropped, at the end of the statement.
#[derive(Debug, Clone)]
pub struct CircuitLog {
    shared: Arc<Shared>,
    handler: Text,
    event: Option<TriggerEvent>,
}

#[derive(Debug)]
struct Shared {
    execution: Uuid,
    clock: Arc<dyn Clock>,
    entries: Mutex<Vec<Arc<LogEntry>>>,
}

impl CircuitLog {
    pub(crate) fn new(execution: Uuid, clock: Arc<dyn Clock>, handler: Text) -> Self {
        let shared = Shared { execution, clock, entries: Mutex::default() };
        Self { shared: Arc::new(shared), handler, event: None }
    }

    /// Returns the same log for entries of a handler.
    pub(crate) fn of(&self, handler: &Text, event: TriggerEvent) -> Self {
        Self { shared: Arc::clone(&self.shared), handler: handler.clone(), event: Some(event) }
    }

    /// Returns the same log for entries about a handler, outside of its events.
    pub(crate) fn for_handler(&self, handler: &Text) -> Self {
        Self { shared: Arc::clone(&self.shared), handler: handler.clone(), event: None }
    }

    pub(crate) fn take(&self) -> Vec<Arc<LogEntry>> {
        std::mem::take(&mut *self.shared.entries.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Starts an entry of a level.
    pub fn at(&self, level: Level, message: impl Into<Text>) -> LogBuilder<'_> {
        let entry = LogEntry {
            execution: self.shared.execution,
            time: self.shared.clock.now(),
            level,
            handler: self.handler.clone(),
            event: self.event,
            object: Text::default(),
            record: None,
            depth: 0,
            user: Text::default(),
            tenant: Text::default(),
            target: Text::default(),
            message: message.into(),
            data: Vec::new(),
            used: Used::default(),
        };
        LogBuilder { log: self, entry: Some(entry) }
    }

    /// Starts an entry for somebody who looks for a fault.
    pub fn debug(&self, message: impl Into<Text>) -> LogBuilder<'_> {
        self.at(Level::Debug, message)
    }

    /// Starts an entry on the normal course of things.
    pub fn info(&self, message: impl Into<Text>) -> LogBuilder<'_> {
        self.at(Level::Info, message)
    }

    /// Starts an entry on something that should be looked at.
    pub fn warn(&self, message: impl Into<Text>) -> LogBuilder<'_> {
        self.at(Level::Warn, message)
    }

    /// Starts an entry on something that failed.
    pub fn error(&self, message: impl Into<Text>) -> LogBuilder<'_> {
        self.at(Level::Error, message)
    }
}

/// An entry in the making; dropping it writes it.
pub struct LogBuilder<'a> {
    log: &'a CircuitLog,
    entry: Option<LogEntry>,
}

impl LogBuilder<'_> {
    /// Adds a named value; one that is not serialisable is left out.
    #[expect(clippy::return_self_not_must_use, reason = "dropping it is the point")]
    pub fn with(mut self, name: impl Into<Text>, value: impl Serialize) -> Self {
        if let (Some(entry), Ok(value)) = (&mut self.entry, serde_json::to_value(value)) {
            entry.data.push((name.into(), value));
        }
        self
    }
}

impl Drop for LogBuilder<'_> {
    fn drop(&mut self) {
        if let Some(entry) = self.entry.take() {
            entry.trace();
            let mut entries =
                self.log.shared.entries.lock().unwrap_or_else(PoisonError::into_inner);
            entries.push(Arc::new(entry));
        }
    }
}

impl fmt::Debug for LogBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LogBuilder").field(&self.entry).finish()
    }
}
