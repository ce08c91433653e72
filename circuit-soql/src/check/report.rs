//! The mistakes found so far.

use crate::error::{Error, ErrorKind, Errors};
use crate::span::Span;

#[derive(Debug, Default)]
pub(super) struct Report(Vec<Error>);

impl Report {
    /// Adds a mistake.
    pub(super) fn at(&mut self, span: Span, message: impl Into<String>) {
        self.suggest(span, message, None);
    }

    /// Adds a mistake and what was probably meant.
    pub(super) fn suggest(
        &mut self,
        span: Span,
        message: impl Into<String>,
        suggestion: Option<String>,
    ) {
        let error = Error::new(ErrorKind::Meaning, message, span);
        self.0.push(match suggestion {
            Some(suggestion) => error.with_suggestion(suggestion),
            None => error,
        });
    }

    /// Returns the mistakes in the order of the text.
    pub(super) fn finish(self) -> Result<(), Errors> {
        Errors::new(self.0).map_or(Ok(()), Err)
    }
}
