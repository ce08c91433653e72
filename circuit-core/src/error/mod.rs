//! The one error of the crate: what callers branch on, what people read, and the rows that failed.

mod handler;
mod kind;
mod retryable;
mod status;

pub use handler::HandlerError;
pub use kind::ErrorKind;
pub use retryable::RetryableError;
pub use status::{RowFailure, StatusCode};

use std::fmt;
use std::sync::Arc;

use crate::governor::Usage;
use crate::log::LogEntry;
use crate::report::ExecutionReport;

/// A source error of any type.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong: a kind to branch on, a message, named context and the rows that failed.
///
/// The context names the object, field, handler and execution id where they are known. Values of
/// fields never appear in it.
///
/// # Examples
/// ```
/// use circuit_core::{Error, ErrorKind};
///
/// let error = Error::new(ErrorKind::LimitExceeded, "too many DML rows")
///     .with("used", 10_001)
///     .with("limit", 10_000);
/// assert_eq!(error.to_string(), "too many DML rows (used: 10001, limit: 10000)");
/// assert_eq!(error.code(), "C0008");
/// assert_eq!(error.context("limit"), Some("10000"));
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    context: Vec<(&'static str, String)>,
    failures: Vec<RowFailure>,
    source: Option<BoxError>,
    report: Option<Arc<ExecutionReport>>,
}

impl Error {
    /// Creates an error; the message is lower case and has no full stop.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            context: Vec::new(),
            failures: Vec::new(),
            source: None,
            report: None,
        }))
    }

    /// Adds a named fact; the first value of a name stays.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        if self.context(name).is_none() {
            self.0.context.push((name, value.to_string()));
        }
        self
    }

    /// Sets the error that caused this one.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Sets the rows that failed, by their index in the caller's list.
    #[must_use]
    pub fn with_failures(mut self, failures: Vec<RowFailure>) -> Self {
        self.0.failures = failures;
        self
    }

    /// Returns what the caller can branch on.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the code under which `docs/errors` explains this kind, such as `C0008`.
    pub fn code(&self) -> &'static str {
        self.0.kind.code()
    }

    /// Returns the message without its context.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns a named fact, such as `object`, `field`, `handler` or `execution`.
    pub fn context(&self, name: &str) -> Option<&str> {
        let found = self.0.context.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Returns the named facts, in the order in which they were added.
    pub(crate) fn facts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.context.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// Returns the rows that failed, as `DmlException` counts them; empty for other kinds.
    pub fn failures(&self) -> &[RowFailure] {
        &self.0.failures
    }

    /// Adds the report of the execution that failed.
    pub(crate) fn with_report(mut self, report: Arc<ExecutionReport>) -> Self {
        self.0.report = Some(report);
        self
    }

    /// Returns the report of the execution that failed; `None` inside of it.
    pub fn report(&self) -> Option<&Arc<ExecutionReport>> {
        self.0.report.as_ref()
    }

    /// Returns what the execution that failed had used; `None` inside of it.
    pub fn usage(&self) -> Option<&Usage> {
        self.report().map(|report| &report.usage)
    }

    /// Returns the log of the execution that failed; empty inside of it.
    pub fn log(&self) -> &[Arc<LogEntry>] {
        self.report().map_or(&[], |report| &report.log)
    }

    /// Returns whether the same call may succeed later without a change.
    pub fn is_retryable(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Conflict | ErrorKind::Unavailable)
    }

    /// Returns whether another execution changed a record first (Apex: `UNABLE_TO_LOCK_ROW`).
    pub fn is_conflict(&self) -> bool {
        self.0.kind == ErrorKind::Conflict
    }

    /// Returns whether a governor limit was passed, which ends the execution.
    pub fn is_limit_exceeded(&self) -> bool {
        self.0.kind == ErrorKind::LimitExceeded
    }

    /// Makes a copy for a second reader; the source stays with the original, as text in the copy.
    pub(crate) fn copy(&self) -> Self {
        Self(Box::new(Inner {
            kind: self.0.kind,
            message: self.0.message.clone(),
            context: self.0.context.clone(),
            failures: self.0.failures.clone(),
            source: self.0.source.as_ref().map(|source| source.to_string().into()),
            report: None,
        }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        for (i, (name, value)) in self.0.context.iter().enumerate() {
            let lead = if i == 0 { " (" } else { ", " };
            write!(f, "{lead}{name}: {value}")?;
        }
        if !self.0.context.is_empty() {
            f.write_str(")")?;
        }
        for failure in self.0.failures.iter().take(3) {
            write!(f, "\n  {failure}")?;
        }
        match self.0.failures.len() {
            0..=3 => Ok(()),
            n => write!(f, "\n  and {} more", n - 3),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}: {self}", self.code(), self.0.kind)?;
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            write!(f, "\ncaused by: {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_is_one_word_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
        assert_eq!(size_of::<Result<()>>(), size_of::<usize>());
    }

    #[test]
    fn first_value_of_a_name_stays() {
        let error = Error::new(ErrorKind::Dml, "x").with("object", "A").with("object", "B");
        assert_eq!(error.context("object"), Some("A"));
    }
}
