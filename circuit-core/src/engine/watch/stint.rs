//! One poll of a handler: what it costs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use circuit_alloc::{Account, ThreadClock};

use super::slot::Entered;
use super::stuck::Watched;

/// Polls longer than this are measured by the thread's processor clock, which takes a call of the
/// system; shorter ones count as long as they take.
const LONG: Duration = Duration::from_micros(50);

/// Whether the polls of a handler are long enough to be measured exactly. A handler's first is.
#[derive(Debug, Default)]
pub(crate) struct Tempo {
    is_short: AtomicBool,
}

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
    pub(crate) tempo: &'a Tempo,
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
        let exact = !self.tempo.is_short.load(Ordering::Relaxed);
        let cpu_began = exact.then(ThreadClock::now);
        let began = Instant::now();
        let entered = Entered::enter(watched, began, cpu_began);
        let polled = self.spent.account.run(self.most_memory, poll);
        let took = began.elapsed();
        let used = match cpu_began {
            Some(cpu) => ThreadClock::now().saturating_sub(cpu),
            None => took,
        };
        if exact == (took < LONG) {
            self.tempo.is_short.store(exact, Ordering::Relaxed);
        }
        let own = entered.leave(used);
        self.spent.cpu += own;
        (polled, own)
    }
}
