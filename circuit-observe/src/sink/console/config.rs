//! How the console sink writes.

use serde::{Deserialize, Serialize};

use crate::sink::QueueConfig;

/// For whom the lines are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ConsoleFormat {
    /// For people: time, level, handler, message, `key=value`.
    #[default]
    Human,
    /// For programs: a [`Line`](crate::Line) of JSON each, reports without their steps and keys.
    Json,
}

/// Whether levels are coloured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Color {
    /// If the standard output is a terminal and the environment has no `NO_COLOR`.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How the console sink writes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ConsoleConfig {
    /// For whom the lines are; people.
    pub format: ConsoleFormat,
    /// Whether levels are coloured; on terminals. JSON never is.
    pub color: Color,
    /// What is held back while the output is slow.
    pub queue: QueueConfig,
}

impl ConsoleConfig {
    /// Sets for whom the lines are.
    #[must_use]
    pub fn with_format(mut self, format: ConsoleFormat) -> Self {
        self.format = format;
        self
    }

    /// Sets whether levels are coloured.
    #[must_use]
    pub fn with_color(mut self, color: Color) -> Self {
        self.color = color;
        self
    }

    /// Sets the bounds of the queue.
    #[must_use]
    pub fn with_queue(mut self, queue: QueueConfig) -> Self {
        self.queue = queue;
        self
    }
}
