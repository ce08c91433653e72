//! The one queue of all sinks that do I/O: bounded, with a thread that writes.
//!
//! Its lock is held for moments only, never while something is written; so a handler that writes to
//! its log waits for no destination. The worker is a thread of its own and not a task of the host's
//! runtime: a sink works wherever it was made, goes on while that runtime is busy, and can still
//! write when it has ended.

mod config;
mod failure;
mod state;
mod weight;
mod worker;

pub use config::QueueConfig;
#[cfg(feature = "axiom")]
pub(crate) use config::milliseconds;
pub(crate) use config::unusable;
pub(crate) use failure::{Failure, chain};
pub(crate) use state::Queued;
pub(crate) use worker::{Destination, Written};

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use circuit_core::{Error, ErrorKind, Result};
use tokio::sync::{Notify, oneshot};

use self::state::{Ending, State, Taken, Task};
use super::Line;
use crate::metrics::SinkMeter;

/// How long a queue that is dropped waits for its worker.
const DROP_WAIT: Duration = Duration::from_secs(1);

/// No host waits longer for its log.
const LONGEST: Duration = Duration::from_hours(24);

/// How many lines or bytes go together, and how long the first of them waits for the others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Batch {
    pub(crate) lines: usize,
    pub(crate) bytes: usize,
    pub(crate) linger: Duration,
}

impl Batch {
    /// What is there goes at once.
    pub(crate) const AT_ONCE: Self = Self { lines: 1, bytes: usize::MAX, linger: Duration::ZERO };
}

/// A bounded queue and the thread that empties it.
#[derive(Debug)]
pub(crate) struct Queue {
    shared: Arc<Shared>,
    drop_wait: Duration,
}

#[derive(Debug)]
struct Shared {
    /// The kind of sink, for messages and metrics.
    sink: &'static str,
    bounds: QueueConfig,
    batch: Batch,
    state: Mutex<State>,
    /// The worker waits on it.
    work: Condvar,
    /// Who closes waits on it.
    over: Condvar,
    /// Who flushes waits on it.
    progress: Notify,
    meter: SinkMeter,
}

impl Queue {
    /// Starts the worker. The configuration was checked before.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] if the system gives no thread.
    pub(crate) fn start(
        sink: &'static str,
        bounds: QueueConfig,
        batch: Batch,
        destination: impl Destination,
    ) -> Result<Self> {
        let shared = Arc::new(Shared {
            sink,
            bounds,
            batch,
            state: Mutex::new(State::new()),
            work: Condvar::new(),
            over: Condvar::new(),
            progress: Notify::new(),
            meter: SinkMeter::new(sink),
        });
        let queue = Self { shared: Arc::clone(&shared), drop_wait: DROP_WAIT };
        thread::Builder::new()
            .name(format!("circuit-{sink}"))
            .spawn(move || worker::run(&shared, destination))
            .map_err(|error| {
                Error::new(ErrorKind::Unavailable, "a log sink has no thread")
                    .with("sink", sink)
                    .with_source(error)
            })?;
        Ok(queue)
    }

    /// Sets how long it waits for its worker when it is dropped.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub(crate) fn with_drop_wait(mut self, wait: Duration) -> Self {
        self.drop_wait = wait;
        self
    }

    /// Takes a line, or drops and counts it; waits for nothing.
    pub(crate) fn push(&self, line: Line) {
        let queued = Queued::new(line);
        let bytes = queued.bytes();
        let mut queued = Some(queued);
        // Before the worker can see it, or the gauge would go below zero for a moment.
        self.shared.meter.took(bytes);
        let taken = self.shared.state().push(&mut queued, &self.shared.bounds);
        match taken {
            Taken::Yes => {}
            Taken::WakeWorker => self.shared.work.notify_one(),
            Taken::No => self.shared.meter.refused(bytes),
        }
    }

    /// Notes that lines are missing that this queue never had.
    pub(crate) fn missing(&self, count: u64) {
        self.shared.state().missing(count);
        self.shared.work.notify_one();
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.shared.state().dropped
    }

    /// Waits until all that was taken is where it belongs.
    pub(crate) async fn flush(&self) -> Result<()> {
        let shared = &*self.shared;
        let (to, begun) = {
            let mut state = shared.state();
            (state.ask(), state.begun)
        };
        shared.work.notify_one();
        loop {
            let mut progress = pin!(shared.progress.notified());
            progress.as_mut().enable();
            if let Some(answer) = shared.flushed(to, begun) {
                return answer;
            }
            progress.await;
        }
    }

    /// Writes what is there and ends, at the latest after `within`.
    ///
    /// On a thread of its own: the caller's runtime need not have a timer.
    pub(crate) async fn close(&self, within: Duration) -> Result<()> {
        let shared = Arc::clone(&self.shared);
        let (told, answer) = oneshot::channel();
        let closing = thread::Builder::new().spawn(move || {
            // Nobody may wait any more; it is closed all the same.
            let _ = told.send(shared.close(within));
        });
        if closing.is_err() {
            return self.shared.close(within);
        }
        answer.await.unwrap_or_else(|_| Err(self.shared.ended()))
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        if let Err(error) = self.shared.close(self.drop_wait) {
            let error = chain(&error);
            tracing::warn!(target: "circuit", sink = self.shared.sink, error, "a log sink was dropped");
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the answer of a flush once there is one: all is settled, or a try that began since
    /// has failed, and the one before it too.
    fn flushed(&self, to: u64, begun: u64) -> Option<Result<()>> {
        let mut state = self.state();
        if state.is_settled(to) {
            return Some(state.lost.take().map_or(Ok(()), |lost| Err(lost.error(self.sink))));
        }
        if state.ending >= Ending::Abandoned {
            return Some(Err(self.ended()));
        }
        let failure = state.failure.as_ref()?;
        let tried_again = state.failed > begun && state.in_a_row >= 2;
        tried_again.then(|| Err(failure.error(self.sink)))
    }

    fn ended(&self) -> Error {
        Error::new(ErrorKind::Unavailable, "the log sink has ended").with("sink", self.sink)
    }

    fn close(&self, within: Duration) -> Result<()> {
        let deadline = Instant::now() + within.min(LONGEST);
        let mut state = self.state();
        state.ending = state.ending.max(Ending::Closing);
        state.ask();
        self.work.notify_one();
        while state.ending == Ending::Closing {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                state.ending = Ending::Abandoned;
                break;
            }
            state = self.over.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        let (left, bytes) = state.abandon();
        let lost = state.lost.take().or_else(|| state.failure.take());
        drop(state);
        self.work.notify_one();
        self.progress.notify_waiters();
        self.meter.abandoned(left, bytes);
        self.closed(left, lost)
    }

    fn closed(&self, left: u64, failure: Option<Failure>) -> Result<()> {
        let error = failure.map(|failure| failure.error(self.sink));
        if left == 0 {
            return error.map_or(Ok(()), Err);
        }
        let unwritten =
            Error::new(ErrorKind::Unavailable, "a log sink was closed before all was written")
                .with("sink", self.sink)
                .with("left", left);
        Err(match error {
            Some(error) => unwritten.with_source(error),
            None => unwritten,
        })
    }

    /// Waits for work, for `most` at most; lines come with it.
    fn take(&self, lines: &mut VecDeque<Queued>, most: Option<Duration>) -> Task {
        let until = most.map(|most| Instant::now() + most);
        let mut state = self.state();
        loop {
            match state.next(self.batch) {
                Task::Wait(None) if until.is_some_and(|until| until <= Instant::now()) => {
                    return Task::Tend;
                }
                Task::Wait(None) if let Some(until) = until => {
                    let left = until.saturating_duration_since(Instant::now());
                    let waited = self.work.wait_timeout(state, left);
                    state = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
                Task::Wait(None) => {
                    state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
                Task::Wait(Some(time)) => {
                    let waited = self.work.wait_timeout(state, time);
                    state = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
                Task::Write => {
                    state.hand_over(lines);
                    return Task::Write;
                }
                task => return task,
            }
        }
    }

    /// Waits between two tries; says whether there is to be another.
    fn pause(&self, time: Duration, is_fixed: bool) -> bool {
        let until = Instant::now() + time;
        let mut state = self.state();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let hurry = !is_fixed && std::mem::take(&mut state.hurry);
            if state.ending >= Ending::Abandoned {
                return false;
            }
            if hurry || left.is_zero() {
                return true;
            }
            state = self.work.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
