//! The thread that empties a queue.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use super::state::{Ending, Task};
use super::{Failure, QueueConfig, Queued, Shared};

/// Where the worker writes to; it may take its time.
pub(crate) trait Destination: Send + 'static {
    /// Writes some of the first lines, at least one.
    ///
    /// # Errors
    /// What kept it; the same lines come again later.
    fn write(&mut self, lines: &[Queued]) -> Result<Written, Failure>;

    /// Sees to it that what was written is where it belongs.
    ///
    /// # Errors
    /// What kept it; it is asked again later.
    fn settle(&mut self) -> Result<(), Failure>;

    /// Does some of what has to be done now and then, between writes; answers when to come back if
    /// no lines come before.
    fn tend(&mut self) -> Option<Duration> {
        None
    }
}

/// What became of the first lines.
#[derive(Debug)]
pub(crate) struct Written {
    /// How many are dealt with.
    pub(crate) lines: usize,
    /// How many of these the destination refused for good, and why.
    pub(crate) lost: Option<(u64, Failure)>,
}

impl Written {
    pub(crate) fn all(lines: usize) -> Self {
        Self { lines, lost: None }
    }
}

/// Tells those who wait that the worker is gone, also when it panicked.
struct Leaving<'a>(&'a Shared);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.state().ending = Ending::Over;
        self.0.over.notify_all();
        self.0.progress.notify_waiters();
    }
}

pub(super) fn run(shared: &Shared, destination: impl Destination) {
    let _leaving = Leaving(shared);
    // Dropped before the others are told: what it holds, a lock say, is free by then.
    let mut destination = destination;
    let mut lines = VecDeque::new();
    loop {
        let again = destination.tend();
        let is_open = match shared.take(&mut lines, again) {
            Task::Write => write(shared, &mut destination, &mut lines),
            Task::Settle => settle(shared, &mut destination),
            Task::Tend => true,
            Task::Stop | Task::Wait(_) => false,
        };
        if !is_open {
            return;
        }
    }
}

/// Writes until all lines are gone; says whether the queue is still to be worked on.
fn write(
    shared: &Shared,
    destination: &mut impl Destination,
    lines: &mut VecDeque<Queued>,
) -> bool {
    while !lines.is_empty() {
        shared.state().begun += 1;
        match destination.write(lines.make_contiguous()) {
            Ok(written) => {
                let count = written.lines.clamp(1, lines.len());
                if !shared.wrote(&lines.make_contiguous()[..count], written.lost) {
                    return false;
                }
                lines.drain(..count);
            }
            Err(failure) => {
                if !shared.failed(failure) {
                    return false;
                }
            }
        }
    }
    true
}

fn settle(shared: &Shared, destination: &mut impl Destination) -> bool {
    loop {
        shared.state().begun += 1;
        let Err(failure) = destination.settle() else {
            shared.state().settle();
            shared.progress.notify_waiters();
            return true;
        };
        if !shared.failed(failure) {
            return false;
        }
    }
}

impl Shared {
    /// Counts lines as gone; says whether the queue is still to be worked on.
    fn wrote(&self, lines: &[Queued], lost: Option<(u64, Failure)>) -> bool {
        let mut state = self.state();
        let gone = lost.as_ref().map_or(0, |(count, _)| *count);
        let (count, bytes) = state.done(lines, gone);
        let works_again = state.works_again() && lost.is_none();
        let begins = lost.is_some() && !state.refusing;
        state.refusing = lost.is_some();
        let goes_on = state.ending < Ending::Abandoned;
        if let Some((_, failure)) = &lost {
            state.lost = Some(failure.clone());
        }
        drop(state);
        self.progress.notify_waiters();
        self.meter.wrote(count, bytes, gone);
        if let Some((count, failure)) = lost.filter(|_| begins) {
            tracing::error!(target: "circuit", sink = self.sink, count, error = failure.told(), "a log sink's destination refuses lines; they are dropped");
        } else if works_again {
            tracing::info!(target: "circuit", sink = self.sink, "a log sink works again");
        }
        goes_on
    }

    /// Tells the first failure of a row and waits; says whether there is to be another try.
    fn failed(&self, failure: Failure) -> bool {
        let retry_after = failure.retry_after;
        let message = failure.told();
        let (is_first, tries) = {
            let mut state = self.state();
            (state.fail(failure), state.in_a_row)
        };
        self.progress.notify_waiters();
        self.meter.failed();
        if is_first {
            tracing::warn!(target: "circuit", sink = self.sink, error = message, "a log sink fails; lines wait in its queue");
        }
        let wait = retry_after.unwrap_or_else(|| backoff(&self.bounds, tries));
        self.pause(wait, retry_after.is_some())
    }
}

/// Returns the wait after so many failed tries: it doubles, less a random part of up to a half.
fn backoff(bounds: &QueueConfig, tries: u32) -> Duration {
    let doubled = 1_u64.checked_shl(tries.saturating_sub(1)).unwrap_or(u64::MAX);
    let wait = bounds.retry_from_ms.saturating_mul(doubled).min(bounds.retry_to_ms);
    Duration::from_millis(wait - random() % (wait / 2 + 1))
}

/// The keys of a hash map are random; that is random enough.
fn random() -> u64 {
    RandomState::new().hash_one(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let bounds =
            QueueConfig::default().with_retry(Duration::from_millis(100), Duration::from_secs(1));
        for (tries, most) in [(1, 100), (2, 200), (3, 400), (5, 1_000), (80, 1_000)] {
            let wait = backoff(&bounds, tries);
            assert!(wait <= Duration::from_millis(most), "{tries}: {wait:?}");
            assert!(wait >= Duration::from_millis(most / 2), "{tries}: {wait:?}");
        }
    }

    #[test]
    fn waits_differ() {
        let bounds = QueueConfig::default();
        let waits: std::collections::BTreeSet<_> = (0..50).map(|_| backoff(&bounds, 9)).collect();
        assert!(waits.len() > 1);
    }
}
