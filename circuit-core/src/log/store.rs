//! What all places of an execution write to.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::builder::Draft;
use super::current::nobody;
use super::{CircuitLog, Level, LogEntry, LogFilter, Setup};
use crate::env::Clock;
use crate::value::Text;

/// What every entry of an execution has.
#[derive(Debug)]
pub(crate) struct Origin {
    pub(crate) execution: Uuid,
    pub(crate) user: Text,
    pub(crate) tenant: Text,
    pub(crate) clock: Arc<dyn Clock>,
    /// The session's own filter.
    pub(crate) filter: Option<Arc<LogFilter>>,
}

#[derive(Debug)]
pub(super) struct Store {
    setup: Arc<Setup>,
    origin: Origin,
    kept: Mutex<Kept>,
}

/// What the outcome shows.
#[derive(Debug, Default)]
struct Kept {
    entries: Vec<Arc<LogEntry>>,
    bytes: usize,
    left_out: u64,
}

impl Store {
    pub(super) fn new(setup: &Arc<Setup>, origin: Origin) -> Self {
        Self { setup: Arc::clone(setup), origin, kept: Mutex::default() }
    }

    pub(super) fn filter(&self) -> &LogFilter {
        self.origin.filter.as_deref().unwrap_or(&self.setup.filter)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps an entry for the outcome; answers whether there was room.
    fn keep(&self, entry: Arc<LogEntry>, bytes: usize) -> bool {
        let caps = &self.setup.caps;
        let mut kept = self.kept();
        if kept.entries.len() >= caps.entries || kept.bytes + bytes > caps.bytes {
            kept.left_out += 1;
            return false;
        }
        kept.bytes += bytes;
        kept.entries.push(entry);
        true
    }
}

impl CircuitLog {
    /// Writes an entry: to `tracing`, to every sink, and to what the outcome shows.
    pub(super) fn write(&self, mut draft: Draft) {
        let store = &self.0.store;
        let bytes = size_of::<LogEntry>() + store.setup.tidy(&mut draft);
        let entry = Arc::new(self.entry(draft));
        // What a subscriber or sink logs by itself is no part of the execution.
        let _nobody = nobody();
        if entry.target.is_empty() {
            entry.trace();
        }
        for sink in &store.setup.sinks {
            // What a sink does is no fault of the handler's; the panic's message was shown.
            drop(catch_unwind(AssertUnwindSafe(|| sink.write(&entry))));
        }
        if store.keep(entry, bytes) {
            self.0.tally.hold_estimated(bytes as u64);
        }
    }

    /// Returns what is kept, and keeps nothing of it any longer.
    pub(crate) fn take(&self) -> Vec<Arc<LogEntry>> {
        let Kept { mut entries, left_out, .. } = std::mem::take(&mut *self.0.store.kept());
        if left_out > 0 {
            let message = Text::from_static("the log is too long; entries were left out here");
            let mut draft = Draft::new(Level::Warn, message);
            draft.data.push((Text::from_static("left_out"), left_out.into()));
            entries.push(Arc::new(self.entry(draft)));
        }
        entries
    }

    fn entry(&self, draft: Draft) -> LogEntry {
        let Origin { execution, user, tenant, clock, .. } = &self.0.store.origin;
        LogEntry {
            execution: *execution,
            time: clock.now(),
            level: draft.level,
            handler: self.0.handler.clone(),
            event: self.0.event,
            object: self.0.object.clone(),
            record: draft.record,
            depth: self.0.depth,
            user: user.clone(),
            tenant: tenant.clone(),
            target: draft.target,
            message: draft.message,
            data: draft.data,
            used: self.0.tally.used(),
        }
    }
}
