//! What handlers saw, in order.

use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};

/// A list of lines that handlers write and a test reads; clones share it.
///
/// # Examples
/// ```
/// use circuit_testkit::Recorder;
///
/// let seen = Recorder::default();
/// seen.note("beforeInsert 2");
/// assert_eq!(seen.take(), ["beforeInsert 2"]);
/// assert!(seen.take().is_empty());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Recorder {
    lines: Arc<Mutex<Vec<String>>>,
}

impl Recorder {
    /// Adds a line.
    pub fn note(&self, line: impl Display) {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_string());
    }

    /// Returns the lines and forgets them.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.lines.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
