//! How large entries and logs get.

/// How large an entry gets, and how much of a log an execution keeps.
///
/// What is longer is cut, between characters, and tells how long it was. What is not kept is counted
/// by a last entry of the outcome; sinks have taken it all the same.
///
/// # Examples
/// ```
/// use circuit_core::LogCaps;
///
/// let caps = LogCaps::default().with_message(200).with_entries(1_000);
/// assert_eq!(caps, LogCaps::default().with_entries(1_000).with_message(200));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogCaps {
    pub(super) message: usize,
    pub(super) value: usize,
    pub(super) values: usize,
    pub(super) entries: usize,
    pub(super) bytes: usize,
}

impl LogCaps {
    /// Sets how many bytes a message has; 8,192 if nothing is said.
    #[must_use]
    pub fn with_message(mut self, bytes: usize) -> Self {
        self.message = bytes;
        self
    }

    /// Sets how many bytes a named value has, with all that is in it; 8,192 if nothing is said.
    #[must_use]
    pub fn with_value(mut self, bytes: usize) -> Self {
        self.value = bytes;
        self
    }

    /// Sets how many named values an entry has; 64 if nothing is said.
    #[must_use]
    pub fn with_values(mut self, most: usize) -> Self {
        self.values = most;
        self
    }

    /// Sets how many entries an execution keeps for its outcome; 10,000 if nothing is said.
    #[must_use]
    pub fn with_entries(mut self, most: usize) -> Self {
        self.entries = most;
        self
    }

    /// Sets about how many bytes of entries an execution keeps; 16 MiB if nothing is said.
    #[must_use]
    pub fn with_bytes(mut self, most: usize) -> Self {
        self.bytes = most;
        self
    }
}

impl Default for LogCaps {
    fn default() -> Self {
        Self { message: 8_192, value: 8_192, values: 64, entries: 10_000, bytes: 16 << 20 }
    }
}
