//! One poll of a handler: what it costs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use circuit_alloc::Account;

use super::slot::Entered;
use super::stuck::Watched;

/// Polls longer than this are measured by the thread's processor clock, which takes a call of the
/// system; shorter ones count as long as they take.
const LONG: Duration = Duration::from_micros(50);

/// What one call of a handler has cost.
#[derive(Debug, Default)]
pub(crate) struct Spent {
    /// The processor time, without that of handlers inside.
    pub(crate) cpu: Duration,
    account: Account,
}

impl Spent {
    /// Returns the most bytes that the call held at a time.
    pub(crate) fn peak(&self) -> u64 {
        self.account.peak()
    }
}

/// Polls a handler and measures it.
pub(crate) struct Stint<'a> {
    pub(crate) spent: &'a mut Spent,
    pub(crate) most_memory: u64,
}

impl Stint<'_> {
    /// Runs one poll, which must not unwind; answers its processor time too.
    pub(crate) fn run<T>(
        self,
        watched: Arc<dyn Watched>,
        poll: impl FnOnce() -> T,
    ) -> (T, Duration) {
        let began = Instant::now();
        let entered = Entered::enter(watched, began);
        let polled = self.spent.account.run(self.most_memory, poll);
        let took = began.elapsed();
        let used = if took < LONG { took } else { took.min(entered.used()) };
        let own = entered.leave(used);
        self.spent.cpu += own;
        (polled, own)
    }
}
