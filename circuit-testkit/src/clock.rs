//! A clock that stands still until it is told to go on.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use chrono::{DateTime, Utc};
use circuit_core::Clock;

/// A clock that stands still until it is told to go on; clones show the same time.
///
/// # Examples
/// ```
/// use std::time::Duration;
///
/// use circuit_core::Clock;
/// use circuit_testkit::ManualClock;
///
/// let clock = ManualClock::default();
/// let start = clock.now();
/// clock.advance(Duration::from_secs(31));
/// assert_eq!((clock.now() - start).num_seconds(), 31);
/// ```
#[derive(Debug, Clone, Default)]
pub struct ManualClock {
    hands: Arc<Mutex<Hands>>,
}

#[derive(Debug, Default)]
struct Hands {
    elapsed: Duration,
    /// Who waits until when.
    waiting: Vec<(Duration, Waker)>,
}

impl ManualClock {
    /// Moves the time on.
    pub fn advance(&self, by: Duration) {
        let mut hands = self.hands();
        hands.elapsed += by;
        let elapsed = hands.elapsed;
        let due: Vec<_> = hands.waiting.extract_if(.., |(until, _)| *until <= elapsed).collect();
        drop(hands);
        for (_, waker) in due {
            waker.wake();
        }
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    /// Returns the time since 1970 that the clock was moved on.
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + self.elapsed()
    }

    fn elapsed(&self) -> Duration {
        self.hands().elapsed
    }

    /// Moves the time on at once; nothing waits.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let clock = self.clone();
        Box::pin(async move { clock.advance(duration) })
    }

    /// Waits until somebody has moved the clock on so far.
    fn until(&self, elapsed: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let clock = self.clone();
        Box::pin(std::future::poll_fn(move |context| {
            let mut hands = clock.hands();
            if hands.elapsed >= elapsed {
                return Poll::Ready(());
            }
            let waker = context.waker();
            if !hands.waiting.iter().any(|(until, w)| *until == elapsed && w.will_wake(waker)) {
                hands.waiting.push((elapsed, waker.clone()));
            }
            Poll::Pending
        }))
    }
}
