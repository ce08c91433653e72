//! Where the files of lines are, and for how long.

use std::path::PathBuf;

use circuit_core::Result;
use serde::{Deserialize, Serialize};

use crate::sink::QueueConfig;
use crate::sink::queue::unusable;

/// When written lines are made to survive the loss of power. The end of the process, a crash
/// included, loses no written line in any case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Durability {
    /// When the operating system does it by itself.
    System,
    /// When [`flush`](circuit_core::LogSink::flush) or `close` is called, and when a file is full.
    #[default]
    Flush,
    /// After each write, which takes as many lines as are waiting.
    Write,
}

/// Where the files of lines are, and for how long.
///
/// # Examples
/// ```
/// use circuit_observe::JsonlConfig;
///
/// let config: JsonlConfig = serde_json::from_str(r#"{"folder":"log","keep_days":7}"#)?;
/// assert_eq!(config, JsonlConfig::new("log").with_keep_days(7));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct JsonlConfig {
    /// The folder; `log`. It is created if it is not there.
    pub folder: PathBuf,
    /// How the names of the files begin: letters, digits, `-` and `_`; `circuit`.
    pub prefix: String,
    /// The most bytes of a file; 64 MiB. Only a line that is longer itself goes beyond.
    pub max_file_bytes: u64,
    /// How many days files are kept, the day of the file not counted; 30.
    pub keep_days: u32,
    /// The most files kept; 1,000.
    pub keep_files: usize,
    /// The most bytes of all files together; 4 GiB.
    pub keep_bytes: u64,
    /// When lines are made to survive the loss of power.
    pub durability: Durability,
    /// What is held back while the disk is slow or full.
    pub queue: QueueConfig,
}

impl Default for JsonlConfig {
    fn default() -> Self {
        Self {
            folder: PathBuf::from("log"),
            prefix: "circuit".to_owned(),
            max_file_bytes: 64 << 20,
            keep_days: 30,
            keep_files: 1_000,
            keep_bytes: 4 << 30,
            durability: Durability::default(),
            queue: QueueConfig::default(),
        }
    }
}

impl JsonlConfig {
    /// Starts with the defaults and a folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), ..Self::default() }
    }

    /// Sets how the names of the files begin.
    #[must_use]
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets the most bytes of a file.
    #[must_use]
    pub fn with_max_file_bytes(mut self, most: u64) -> Self {
        self.max_file_bytes = most;
        self
    }

    /// Sets how many days files are kept.
    #[must_use]
    pub fn with_keep_days(mut self, days: u32) -> Self {
        self.keep_days = days;
        self
    }

    /// Sets the most files kept.
    #[must_use]
    pub fn with_keep_files(mut self, most: usize) -> Self {
        self.keep_files = most;
        self
    }

    /// Sets the most bytes of all files together.
    #[must_use]
    pub fn with_keep_bytes(mut self, most: u64) -> Self {
        self.keep_bytes = most;
        self
    }

    /// Sets when lines are made to survive the loss of power.
    #[must_use]
    pub fn with_durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Sets the bounds of the queue.
    #[must_use]
    pub fn with_queue(mut self, queue: QueueConfig) -> Self {
        self.queue = queue;
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        let is_safe = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        if self.prefix.is_empty() || self.prefix.len() > 64 || !self.prefix.chars().all(is_safe) {
            return Err(unusable("the prefix of log files takes 1 to 64 of A-Z a-z 0-9 - _")
                .with("prefix", &self.prefix));
        }
        if self.max_file_bytes == 0 || self.keep_files == 0 || self.keep_bytes == 0 {
            return Err(unusable("log files of no size, or none of them, hold nothing")
                .with("max_file_bytes", self.max_file_bytes)
                .with("keep_files", self.keep_files)
                .with("keep_bytes", self.keep_bytes));
        }
        self.queue.check()
    }
}
