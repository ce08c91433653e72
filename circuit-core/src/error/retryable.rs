//! The error with which an event handler asks for another run.

use std::fmt;

/// Asks for the whole batch of events again, later (Apex: `EventBus.RetryableException`).
///
/// What the run did is undone. After 9 retries the handler is stopped.
///
/// # Examples
/// ```
/// use circuit_core::prelude::*;
/// use circuit_core::RetryableError;
///
/// fn wait_for_account(found: bool) -> Result<()> {
///     if !found {
///         return Err(RetryableError::new("the account is not there yet").into());
///     }
///     Ok(())
/// }
/// assert!(wait_for_account(false).is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryableError(String);

impl RetryableError {
    /// Creates an error with a reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }

    /// Returns whether an error or one that caused it asks for another run.
    pub(crate) fn is_in(error: &(dyn std::error::Error + 'static)) -> bool {
        let mut next = Some(error);
        while let Some(error) = next {
            if error.is::<Self>() {
                return true;
            }
            next = error.source();
        }
        false
    }
}

impl fmt::Display for RetryableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RetryableError {}
