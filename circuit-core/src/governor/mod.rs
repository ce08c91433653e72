//! The governor: counts what an execution uses and ends it when a limit is passed.

mod limits;
mod usage;

pub use limits::{Limit, Limits};
pub use usage::Usage;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use crate::env::Clock;
use crate::error::{Error, ErrorKind, Result};
use crate::value::Text;

/// Counts what one execution uses, per handler, and refuses all further work once a limit is passed.
///
/// Passing a limit is final, as an Apex `LimitException` is: every later call fails with the same
/// error and the execution rolls back, also when a handler swallows the error.
#[derive(Debug)]
pub struct Governor {
    limits: Limits,
    clock: Arc<dyn Clock>,
    started: Duration,
    usage: Mutex<Usage>,
    passed: OnceLock<Error>,
}

impl Governor {
    pub(crate) fn new(limits: Limits, clock: Arc<dyn Clock>) -> Self {
        let started = clock.elapsed();
        Self { limits, clock, started, usage: Mutex::default(), passed: OnceLock::new() }
    }

    /// Returns the limits of this execution.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns what was used up to now.
    pub fn usage(&self) -> Usage {
        let mut usage = self.usage.lock().unwrap_or_else(PoisonError::into_inner).clone();
        usage.set_wall_clock(self.elapsed());
        usage
    }

    fn elapsed(&self) -> Duration {
        self.clock.elapsed().saturating_sub(self.started)
    }

    /// Counts `amount` for a handler; fails if a limit is or was passed.
    pub(crate) fn charge(&self, limit: Limit, amount: u64, handler: &Text) -> Result<()> {
        self.check(handler)?;
        let used = {
            let mut usage = self.usage.lock().unwrap_or_else(PoisonError::into_inner);
            usage.add(limit, amount, handler)
        };
        if used > self.limits.of(limit) { Err(self.pass(limit, used, handler)) } else { Ok(()) }
    }

    /// Checks a number that does not add up, such as the depth.
    pub(crate) fn reach(&self, limit: Limit, level: u64, handler: &Text) -> Result<()> {
        self.check(handler)?;
        let mut usage = self.usage.lock().unwrap_or_else(PoisonError::into_inner);
        usage.raise(limit, level);
        drop(usage);
        if level > self.limits.of(limit) { Err(self.pass(limit, level, handler)) } else { Ok(()) }
    }

    /// Fails if a limit was passed, the wall clock's among them.
    pub(crate) fn check(&self, handler: &Text) -> Result<()> {
        if let Some(error) = self.passed.get() {
            return Err(error.copy());
        }
        let elapsed = u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX);
        if elapsed > self.limits.of(Limit::WallClock) {
            return Err(self.pass(Limit::WallClock, elapsed, handler));
        }
        Ok(())
    }

    #[cold]
    fn pass(&self, limit: Limit, used: u64, handler: &Text) -> Error {
        let error = self.passed.get_or_init(|| {
            Error::new(ErrorKind::LimitExceeded, format!("too many {}", limit.noun()))
                .with("used", used)
                .with("limit", self.limits.of(limit))
                .with("handler", handler)
        });
        error.copy()
    }
}
