//! The wall clock of an execution, which stands still while it waits for other services.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::env::Clock;

/// Measures the time since an execution began, without that of its callouts: these have a limit of
/// their own.
#[derive(Debug)]
pub(super) struct Stopwatch {
    clock: Arc<dyn Clock>,
    started: Duration,
    outside: Mutex<Outside>,
}

/// How long at least one callout was under way.
#[derive(Debug, Default)]
struct Outside {
    calls: u32,
    since: Duration,
    total: Duration,
}

/// A callout under way; dropped when it is over, also if it is given up.
#[derive(Debug)]
pub(crate) struct Away<'a>(&'a Stopwatch);

impl Stopwatch {
    pub(super) fn start(clock: Arc<dyn Clock>) -> Self {
        let started = clock.elapsed();
        Self { clock, started, outside: Mutex::default() }
    }

    /// Returns the time since the start, callouts and all.
    pub(super) fn elapsed(&self) -> Duration {
        self.clock.elapsed().saturating_sub(self.started)
    }

    /// Returns the time since the start that counts.
    pub(super) fn counted(&self) -> Duration {
        let outside = self.outside();
        let now = if outside.calls > 0 { outside.since } else { self.clock.elapsed() };
        now.saturating_sub(self.started).saturating_sub(outside.total)
    }

    /// Stands still until the guard is dropped; several at once count once.
    pub(super) fn away(&self) -> Away<'_> {
        let mut outside = self.outside();
        if outside.calls == 0 {
            outside.since = self.clock.elapsed();
        }
        outside.calls += 1;
        Away(self)
    }

    pub(super) fn is_away(&self) -> bool {
        self.outside().calls > 0
    }

    fn outside(&self) -> MutexGuard<'_, Outside> {
        self.outside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Away<'_> {
    fn drop(&mut self) {
        let mut outside = self.0.outside();
        outside.calls -= 1;
        if outside.calls == 0 {
            let took = self.0.clock.elapsed().saturating_sub(outside.since);
            outside.total += took;
        }
    }
}
