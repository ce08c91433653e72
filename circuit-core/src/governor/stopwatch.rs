//! The wall clock of an execution, which stands still while it waits for other services.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::env::Clock;

/// Measures the time since an execution began, without that of its callouts: these have a limit of
/// their own.
#[derive(Debug)]
pub(super) struct Stopwatch {
    clock: Arc<dyn Clock>,
    started: Duration,
    /// The callouts under way.
    calls: AtomicU32,
    /// How long at least one was under way before, in nanoseconds.
    total: AtomicU64,
    /// When the present ones began.
    since: Mutex<Duration>,
}

/// A callout under way; dropped when it is over, also if it is given up.
#[derive(Debug)]
pub(crate) struct Away<'a>(&'a Stopwatch);

impl Stopwatch {
    pub(super) fn start(clock: Arc<dyn Clock>) -> Self {
        Self {
            started: clock.elapsed(),
            clock,
            calls: AtomicU32::new(0),
            total: AtomicU64::new(0),
            since: Mutex::default(),
        }
    }

    /// Returns the time since the start, callouts and all.
    pub(super) fn elapsed(&self) -> Duration {
        self.clock.elapsed().saturating_sub(self.started)
    }

    /// Returns the time since the start without that of callouts, of which `most` may be left out: a
    /// callout that nobody waits for any longer does not stop the clock for ever.
    pub(super) fn counted_without(&self, most: Duration) -> Duration {
        let now = self.clock.elapsed();
        let mut away = Duration::from_nanos(self.total.load(Ordering::Acquire));
        if self.is_away() {
            away += now.saturating_sub(*self.since());
        }
        now.saturating_sub(self.started).saturating_sub(away.min(most))
    }

    /// Returns the time since the start without that of callouts.
    pub(super) fn counted(&self) -> Duration {
        self.counted_without(Duration::MAX)
    }

    /// Stands still until the guard is dropped; several at once count once.
    pub(super) fn away(&self) -> Away<'_> {
        let mut since = self.since();
        if self.calls.fetch_add(1, Ordering::AcqRel) == 0 {
            *since = self.clock.elapsed();
        }
        Away(self)
    }

    pub(super) fn is_away(&self) -> bool {
        self.calls.load(Ordering::Acquire) > 0
    }

    fn since(&self) -> MutexGuard<'_, Duration> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Away<'_> {
    fn drop(&mut self) {
        let stopwatch = self.0;
        let since = stopwatch.since();
        if stopwatch.calls.load(Ordering::Acquire) == 1 {
            let took = stopwatch.clock.elapsed().saturating_sub(*since);
            let took = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
            stopwatch.total.fetch_add(took, Ordering::AcqRel);
        }
        stopwatch.calls.fetch_sub(1, Ordering::AcqRel);
    }
}
