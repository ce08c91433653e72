//! The governor: counts what an execution uses and ends it when a limit is passed.

mod ledger;
mod limits;
mod memory;
mod policy;
mod profile;
mod stopwatch;
mod table;
mod tally;
mod usage;
mod used;
mod warning;

pub use limits::{Limit, Limits};
pub use policy::LimitPolicy;
pub use profile::Profile;
pub use table::{LimitUse, LimitsInUse, UsageTable};
pub use usage::{CauseUsage, MemorySource, Usage};
pub use used::Used;
pub use warning::LimitWarning;

pub(crate) use ledger::{Budgets, Payer};
pub(crate) use memory::source as memory_source;
pub(crate) use stopwatch::Away;
pub(crate) use tally::Tally;

use std::sync::{Arc, MutexGuard, OnceLock};
use std::time::Duration;

use crate::error::{Error, ErrorKind, Result};
use crate::log::CircuitLog;
use crate::value::Text;
use ledger::{AtomicPayer, Ledger, UsedBy, milliseconds};

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
    budgets: Arc<Budgets>,
    log: CircuitLog,
    tally: Arc<Tally>,
    /// Who runs, or ran last.
    running: AtomicPayer,
    passed: OnceLock<Error>,
}

/// What may be used, and what is.
impl Governor {
    pub(crate) fn new(
        limits: Limits,
        budgets: Arc<Budgets>,
        tally: Arc<Tally>,
        log: CircuitLog,
    ) -> Self {
        Self {
            limits,
            budgets,
            log,
            tally,
            running: AtomicPayer::default(),
            passed: OnceLock::new(),
        }
    }

    /// Returns the limits of this execution.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns what was used up to now.
    pub fn usage(&self) -> Usage {
        let mut usage = self.ledger().usage.clone();
        *usage.total.of_mut(Limit::WallClock) = milliseconds(self.counted());
        *usage.total.of_mut(Limit::HeapSize) = self.used(Limit::HeapSize);
        usage.memory = memory_source();
        usage
    }

    fn used(&self, limit: Limit) -> u64 {
        match limit {
            Limit::WallClock => milliseconds(self.counted()),
            Limit::HeapSize => self.tally.memory.peak(),
            _ => self.ledger().usage.of(limit),
        }
    }

    /// Returns what was used up to now beside what may be.
    pub fn in_use(&self) -> LimitsInUse {
        LimitsInUse { usage: self.usage(), limits: self.limits.clone() }
    }

    /// Returns the limits of which 80 % or 90 % were used, in order.
    pub fn warnings(&self) -> Vec<LimitWarning> {
        self.ledger().warnings().to_vec()
    }

    /// Returns the wall clock that is left.
    pub fn remaining(&self) -> Duration {
        let most = Duration::from_millis(self.limits.limit_wall_clock());
        most.saturating_sub(self.counted())
    }

    /// Returns the processor time that is left.
    pub(crate) fn remaining_cpu(&self, payer: Payer) -> Duration {
        let most = Duration::from_millis(self.limits.limit_cpu_time());
        let left = most.saturating_sub(self.ledger().usage.cpu);
        let own = self.budget(Limit::CpuTime, payer).map(|own| {
            let used = self.ledger().cpu_of(payer);
            Duration::from_millis(own).saturating_sub(used)
        });
        own.map_or(left, |own| own.min(left))
    }

    /// Returns the time since the start that counts: callouts do not, for as long as these may take.
    fn counted(&self) -> Duration {
        let most = Duration::from_millis(self.limits.limit_callout_time());
        self.tally.stopwatch.counted_without(most)
    }

    /// Returns the time since the execution began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.tally.stopwatch.elapsed()
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.tally.ledger()
    }
}

/// Counting.
impl Governor {
    /// Returns on whose account a handler's doing goes.
    pub(crate) fn payer(&self, parent: Option<Payer>, handler: &Text, object: &Text) -> Payer {
        self.ledger().open(parent, handler, object)
    }

    /// Notes who runs now; answers who did.
    pub(crate) fn runs(&self, payer: Payer) -> Payer {
        self.running.swap(payer)
    }

    /// Fails as [`check`](Self::check) does, on the account of whoever ran last.
    pub(crate) fn check_running(&self) -> Result<()> {
        self.check(self.running.load())
    }

    /// Sets the counts back to an earlier state (A7); time does not go back.
    pub(crate) fn restore(&self, usage: &Usage) {
        self.ledger().restore(usage);
    }

    /// Returns whether a limit was passed.
    pub(crate) fn has_passed(&self) -> bool {
        self.passed.get().is_some()
    }

    /// Returns the limit that was passed, as an error.
    pub(crate) fn passed(&self) -> Option<Error> {
        self.passed.get().map(Error::copy)
    }

    /// Counts `amount` for a payer; fails if a limit is or was passed.
    pub(crate) fn charge(&self, limit: Limit, amount: u64, payer: Payer) -> Result<()> {
        self.check(payer)?;
        let used = self.ledger().add(limit, amount, payer);
        self.compare(limit, used, payer)
    }

    /// Checks a number that does not add up, such as the depth.
    pub(crate) fn reach(&self, limit: Limit, level: u64, payer: Payer) -> Result<()> {
        self.check(payer)?;
        self.ledger().add(limit, level, payer);
        self.compare(limit, UsedBy { all: level, handler: level }, payer)
    }

    /// Counts processor time; fails if its limit is passed.
    pub(crate) fn charge_cpu(&self, time: Duration, payer: Payer) -> Result<()> {
        let used = self.ledger().add_cpu(time, payer);
        self.compare(Limit::CpuTime, used, payer)
    }

    /// Fails if processor time that is not counted yet would pass its limit: that of the handler, and
    /// that of the handlers around it.
    pub(crate) fn foresee_cpu(&self, own: Duration, around: Duration, payer: Payer) -> Result<()> {
        let used = self.ledger().with_cpu(own, around, payer);
        self.compare(Limit::CpuTime, used, payer)
    }

    /// Fails if a limit was passed, the wall clock's and the memory's among them.
    pub(crate) fn check(&self, payer: Payer) -> Result<()> {
        if let Some(error) = self.passed() {
            return Err(error);
        }
        if circuit_alloc::is_over() {
            return Err(self.pass_memory(payer));
        }
        let wall_clock = milliseconds(self.counted());
        self.compare(Limit::WallClock, UsedBy { all: wall_clock, handler: 0 }, payer)
    }

    /// Starts a callout: the wall clock stands still until it is over.
    pub(crate) fn away(&self) -> Away<'_> {
        self.tally.stopwatch.away()
    }

    /// Returns whether a callout is under way.
    pub(crate) fn is_away(&self) -> bool {
        self.tally.stopwatch.is_away()
    }

    fn compare(&self, limit: Limit, used: UsedBy, payer: Payer) -> Result<()> {
        let most = self.limits.of(limit);
        if warning::is_near(used.all, most) {
            self.warn(limit, used.all, payer);
        }
        if used.all > most {
            return Err(self.pass(limit, used.all, most, payer));
        }
        self.compare_budget(limit, used.handler, payer)
    }

    /// Compares with what the handler itself may use.
    fn compare_budget(&self, limit: Limit, used: u64, payer: Payer) -> Result<()> {
        match self.budget(limit, payer) {
            Some(own) if used > own => Err(self.pass(limit, used, own, payer)),
            _ => Ok(()),
        }
    }

    fn budget(&self, limit: Limit, payer: Payer) -> Option<u64> {
        if self.budgets.is_empty() {
            return None;
        }
        let ledger = self.ledger();
        let (handler, object) = ledger.handler(payer)?;
        self.budgets.of(handler, object, limit)
    }

    #[cold]
    fn warn(&self, limit: Limit, used: u64, payer: Payer) {
        let most = self.limits.of(limit);
        let new = self.ledger().warn(limit, used, most, payer);
        for warning in new {
            self.log
                .for_handler(&warning.handler)
                .warn(format!("{} % of the {} are used", warning.percent, limit.noun()))
                .with("used", used)
                .with("limit", most);
        }
    }

    /// Ends the execution because of a limit, or says how it was ended before.
    #[cold]
    pub(crate) fn pass(&self, limit: Limit, used: u64, most: u64, payer: Payer) -> Error {
        let handler = self.ledger().handler(payer).map(|(handler, _)| handler.clone());
        let handler = handler.unwrap_or_default();
        let error = self.passed.get_or_init(|| {
            let error = Error::new(ErrorKind::LimitExceeded, format!("too many {}", limit.noun()))
                .with("used", used)
                .with("limit", most)
                .with("handler", handler);
            if most < self.limits.of(limit) {
                error.with("budget", "the handler's own")
            } else {
                error
            }
        });
        error.copy()
    }
}

/// Memory.
impl Governor {
    /// Runs a part of the execution and counts what it allocates.
    pub(crate) fn metered<T>(&self, work: impl FnOnce() -> T) -> T {
        self.tally.memory.run(self.limits.limit_heap_size(), work)
    }

    /// Notes the most that a call of a handler held; fails if it or the execution held too much.
    pub(crate) fn note_memory(&self, peak: u64, payer: Payer) -> Result<()> {
        if peak > 0 {
            let used = self.ledger().add(Limit::HeapSize, peak, payer);
            self.compare_budget(Limit::HeapSize, used.handler, payer)?;
        }
        if circuit_alloc::is_over() {
            return Err(self.pass_memory(payer));
        }
        self.check_memory(payer)
    }

    /// Fails if the execution held too much; as of the end of its last part.
    pub(crate) fn check_memory(&self, payer: Payer) -> Result<()> {
        let all = self.tally.memory.peak();
        self.compare(Limit::HeapSize, UsedBy { all, handler: 0 }, payer)
    }

    /// Returns the most bytes that a handler may hold.
    pub(crate) fn most_memory(&self, payer: Payer) -> u64 {
        self.budget(Limit::HeapSize, payer).unwrap_or(u64::MAX)
    }

    /// Adds bytes that are held until they are [released](Self::release), where bytes are estimated.
    pub(crate) fn hold(&self, bytes: u64, payer: Payer) -> Result<()> {
        let all = self.tally.memory.hold(bytes);
        self.compare(Limit::HeapSize, UsedBy { all, handler: 0 }, payer)
    }

    /// Takes back bytes that are held no longer.
    pub(crate) fn release(&self, bytes: u64) {
        self.tally.memory.release(bytes);
    }

    /// The part that runs has held more than it may: the execution's limit, or a handler's budget.
    #[cold]
    fn pass_memory(&self, payer: Payer) -> Error {
        let (peak, most) = circuit_alloc::peak_and_most();
        let limit = self.limits.limit_heap_size();
        match self.budget(Limit::HeapSize, payer) {
            Some(own) if own == most => self.pass(Limit::HeapSize, peak, own, payer),
            _ => {
                let used = limit.saturating_add(peak.saturating_sub(most));
                self.pass(Limit::HeapSize, used, limit, payer)
            }
        }
    }
}
