//! The bounds of a queue.

use std::time::Duration;

use circuit_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

/// How much a sink holds back while its destination is slow, and how it tries again.
///
/// # Examples
/// ```
/// use circuit_observe::QueueConfig;
///
/// let small = QueueConfig::default().with_max_lines(1_000);
/// assert_eq!(small.max_lines, 1_000);
/// assert_eq!(small.max_bytes, 32 << 20);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct QueueConfig {
    /// The most lines held, those on their way included; 65,536. What comes beyond is dropped.
    pub max_lines: usize,
    /// The most bytes held, as estimated in memory; 32 MiB.
    pub max_bytes: usize,
    /// The wait before the second try, in milliseconds; 100. It doubles with each try, and a
    /// random part of up to one half is taken off.
    pub retry_from_ms: u64,
    /// The longest wait between tries, in milliseconds; 30,000. A destination that says when to
    /// come back is obeyed instead.
    pub retry_to_ms: u64,
}

impl Default for QueueConfig {
    fn default() -> Self {
        Self { max_lines: 65_536, max_bytes: 32 << 20, retry_from_ms: 100, retry_to_ms: 30_000 }
    }
}

impl QueueConfig {
    /// Sets the most lines held.
    #[must_use]
    pub fn with_max_lines(mut self, most: usize) -> Self {
        self.max_lines = most;
        self
    }

    /// Sets the most bytes held.
    #[must_use]
    pub fn with_max_bytes(mut self, most: usize) -> Self {
        self.max_bytes = most;
        self
    }

    /// Sets the first and the longest wait between tries.
    #[must_use]
    pub fn with_retry(mut self, from: Duration, to: Duration) -> Self {
        self.retry_from_ms = milliseconds(from);
        self.retry_to_ms = milliseconds(to);
        self
    }

    pub(crate) fn check(&self) -> Result<()> {
        if self.max_lines == 0 || self.max_bytes == 0 {
            return Err(unusable("a queue that holds nothing drops everything")
                .with("max_lines", self.max_lines)
                .with("max_bytes", self.max_bytes));
        }
        if self.retry_from_ms == 0 || self.retry_from_ms > self.retry_to_ms {
            return Err(unusable("the waits between tries must be over 0 and grow")
                .with("retry_from_ms", self.retry_from_ms)
                .with("retry_to_ms", self.retry_to_ms));
        }
        Ok(())
    }
}

/// Returns the error of a configuration that contradicts itself.
pub(crate) fn unusable(message: &str) -> Error {
    Error::new(ErrorKind::Configuration, message)
}

pub(crate) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
