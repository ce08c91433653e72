//! The governor: counts what an execution uses and ends it when a limit is passed.

mod limits;
mod usage;
mod used;
mod warning;

pub use limits::{Limit, Limits};
pub use usage::Usage;
pub use used::Used;
pub use warning::LimitWarning;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use crate::env::Clock;
use crate::error::{Error, ErrorKind, Result};
use crate::log::CircuitLog;
use crate::value::Text;

/// Counts what one execution uses, per handler, and refuses all further work once a limit is passed.
///
/// Passing a limit is final, as an Apex `LimitException` is: every later call fails with the same
/// error and the execution rolls back, also when a handler swallows the error. What was used and
/// what may be has the names of Apex's `Limits` class: `dml_rows` and `limit_dml_rows`.
///
/// # Examples
/// ```
/// use circuit_core::prelude::*;
///
/// fn fits(ctx: &TriggerContext<'_, Record>, rows: u64) -> bool {
///     ctx.governor().dml_rows() + rows <= ctx.governor().limit_dml_rows()
/// }
/// # let _ = fits;
/// ```
#[derive(Debug)]
pub struct Governor {
    limits: Limits,
    clock: Arc<dyn Clock>,
    log: CircuitLog,
    started: Duration,
    counted: Mutex<Counted>,
    passed: OnceLock<Error>,
}

#[derive(Debug, Default)]
struct Counted {
    usage: Usage,
    warned: warning::Warned,
}

impl Governor {
    pub(crate) fn new(limits: Limits, clock: Arc<dyn Clock>, log: CircuitLog) -> Self {
        let started = clock.elapsed();
        let passed = OnceLock::new();
        Self { limits, clock, log, started, counted: Mutex::default(), passed }
    }

    /// Returns the limits of this execution.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns what was used up to now.
    pub fn usage(&self) -> Usage {
        let mut usage = self.counted().usage.clone();
        usage.set_wall_clock(self.elapsed());
        usage
    }

    fn used(&self, limit: Limit) -> u64 {
        if limit == Limit::WallClock { self.milliseconds() } else { self.counted().usage.of(limit) }
    }

    /// Returns the limits of which 80 % or 90 % were used, in order.
    pub fn warnings(&self) -> Vec<LimitWarning> {
        self.counted().warned.list().to_vec()
    }

    /// Sets the counts back to an earlier state (A7); time does not go back.
    pub(crate) fn restore(&self, usage: &Usage) {
        self.counted().usage.clone_from(usage);
    }

    /// Returns whether a limit was passed.
    pub(crate) fn has_passed(&self) -> bool {
        self.passed.get().is_some()
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the time since the execution began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.clock.elapsed().saturating_sub(self.started)
    }

    fn milliseconds(&self) -> u64 {
        u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Counts `amount` for a handler; fails if a limit is or was passed.
    pub(crate) fn charge(&self, limit: Limit, amount: u64, handler: &Text) -> Result<()> {
        self.check(handler)?;
        let used = self.counted().usage.add(limit, amount, handler);
        self.compare(limit, used, handler)
    }

    /// Checks a number that does not add up, such as the depth.
    pub(crate) fn reach(&self, limit: Limit, level: u64, handler: &Text) -> Result<()> {
        self.check(handler)?;
        self.counted().usage.raise(limit, level);
        self.compare(limit, level, handler)
    }

    /// Fails if a limit was passed, the wall clock's among them.
    pub(crate) fn check(&self, handler: &Text) -> Result<()> {
        if let Some(error) = self.passed.get() {
            return Err(error.copy());
        }
        self.compare(Limit::WallClock, self.milliseconds(), handler)
    }

    fn compare(&self, limit: Limit, used: u64, handler: &Text) -> Result<()> {
        let most = self.limits.of(limit);
        if warning::is_near(used, most) {
            self.warn(limit, used, handler);
        }
        if used > most { Err(self.pass(limit, used, handler)) } else { Ok(()) }
    }

    #[cold]
    fn warn(&self, limit: Limit, used: u64, handler: &Text) {
        let most = self.limits.of(limit);
        let new = self.counted().warned.cross(limit, used, most, handler);
        for warning in new {
            self.log
                .for_handler(handler)
                .warn(format!("{} % of the {} are used", warning.percent, limit.noun()))
                .with("used", used)
                .with("limit", most);
        }
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
