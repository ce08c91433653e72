//! The counters of an execution, which governor and log share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::ledger::{Ledger, milliseconds};
use super::memory::{Memory, source};
use super::stopwatch::Stopwatch;
use super::{Limit, MemorySource, Used};
use crate::env::Clock;

/// The counters of one execution.
#[derive(Debug)]
pub(crate) struct Tally {
    pub(super) stopwatch: Stopwatch,
    pub(super) memory: Memory,
    ledger: Mutex<Ledger>,
}

impl Tally {
    /// Starts to count, from now on.
    pub(crate) fn start(clock: Arc<dyn Clock>) -> Self {
        Self {
            stopwatch: Stopwatch::start(clock),
            memory: Memory::default(),
            ledger: Mutex::default(),
        }
    }

    /// Returns what is used at this moment. Nobody writes to the log who holds the ledger.
    pub(crate) fn used(&self) -> Used {
        let mut used = self.ledger().usage.total;
        *used.of_mut(Limit::WallClock) = milliseconds(self.stopwatch.counted());
        *used.of_mut(Limit::HeapSize) = self.memory.peak();
        used
    }

    /// Counts bytes that are held to the end of the execution, where bytes are estimated.
    pub(crate) fn hold_estimated(&self, bytes: u64) {
        if source() == MemorySource::Estimated {
            self.memory.hold(bytes);
        }
    }

    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
