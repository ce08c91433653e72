//! The error that a handler's `?` makes of any error.

use std::fmt;

use super::{BoxError, Error};

/// Any error, as a handler returns it; stops the handler's operation.
///
/// It converts from every error type, so `?` works on all of them. To mark one record and let the
/// rest go on, use [`TriggerRow::add_error`](crate::TriggerRow::add_error) instead.
///
/// # Examples
/// ```
/// use circuit_core::HandlerError;
///
/// fn parse(text: &str) -> Result<i64, HandlerError> {
///     Ok(text.parse::<i64>()?)
/// }
/// assert!(parse("x").is_err());
/// ```
pub struct HandlerError(BoxError);

impl<E: std::error::Error + Send + Sync + 'static> From<E> for HandlerError {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl HandlerError {
    /// Creates an error from a message.
    pub fn msg(message: impl Into<String>) -> Self {
        Self(message.into().into())
    }

    /// Returns the engine's own error, if that is what the handler passed on.
    pub fn as_circuit(&self) -> Option<&Error> {
        self.0.downcast_ref()
    }
}

impl From<HandlerError> for BoxError {
    fn from(error: HandlerError) -> Self {
        error.0
    }
}

impl fmt::Display for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
