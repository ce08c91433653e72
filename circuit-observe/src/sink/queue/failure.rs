//! Why a destination did not take lines.

use std::time::Duration;

use circuit_core::{Error, ErrorKind};

/// Why a destination did not take lines; holds no values of these.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    kind: ErrorKind,
    message: String,
    /// What lies below it.
    cause: Option<String>,
    /// When the destination wants to be asked again.
    pub(super) retry_after: Option<Duration>,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::Unavailable,
            message: message.into(),
            cause: None,
            retry_after: None,
        }
    }

    /// One that another try would meet again.
    #[cfg(any(feature = "axiom", feature = "postgres", feature = "sqlite"))]
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::InvalidInput, ..Self::new(message) }
    }

    #[cfg(feature = "axiom")]
    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }

    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub(crate) fn with_cause(mut self, cause: &dyn std::error::Error) -> Self {
        self.cause = Some(chain(cause));
        self
    }

    /// Returns all that is known, for a line of a log.
    pub(super) fn told(&self) -> String {
        let cause = self.cause.iter().flat_map(|cause| [": ", cause]);
        std::iter::once(self.message.as_str()).chain(cause).collect()
    }

    pub(super) fn error(&self, sink: &'static str) -> Error {
        let error = Error::new(self.kind, self.message.clone()).with("sink", sink);
        match &self.cause {
            Some(cause) => error.with_source(cause.clone()),
            None => error,
        }
    }
}

/// Returns an error with all that caused it, as one text.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let all = std::iter::successors(Some(error), |error| error.source());
    all.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
