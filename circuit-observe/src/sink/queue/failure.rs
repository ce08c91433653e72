//! Why a destination did not take lines.

use std::time::Duration;

use circuit_core::{Error, ErrorKind};

/// Why a destination did not take lines; holds no values of these.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    kind: ErrorKind,
    message: String,
    /// When the destination wants to be asked again.
    pub(super) retry_after: Option<Duration>,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Unavailable, message: message.into(), retry_after: None }
    }

    /// One that another try would meet again.
    #[cfg(feature = "axiom")]
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::InvalidInput, ..Self::new(message) }
    }

    #[cfg(feature = "axiom")]
    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn error(&self, sink: &'static str) -> Error {
        Error::new(self.kind, self.message.clone()).with("sink", sink)
    }
}
