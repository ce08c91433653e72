//! A clock that stands still until it is told to go on.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
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
    elapsed: Arc<Mutex<Duration>>,
}

impl ManualClock {
    /// Moves the time on.
    pub fn advance(&self, by: Duration) {
        *self.elapsed.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Clock for ManualClock {
    /// Returns the time since 1970 that the clock was moved on.
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + self.elapsed()
    }

    fn elapsed(&self) -> Duration {
        *self.elapsed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves the time on at once; nothing waits.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let clock = self.clone();
        Box::pin(async move { clock.advance(duration) })
    }
}
