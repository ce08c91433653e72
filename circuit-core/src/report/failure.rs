//! An error as a report keeps it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::log::{SLACK, Setup};
use crate::value::Text;

/// A text of an error that is longer is cut.
const LONGEST: usize = 2_000;

/// How many causes and refused rows are kept of an error.
const MOST: usize = 10;

/// An error as a report keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Failure {
    /// The code of the page that explains it, such as `C0008`.
    pub code: Text,
    /// What went wrong.
    pub message: String,
    /// What was behind it, nearest first; ten at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
    /// The rows that were refused, with the reason; ten at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<String>,
    /// Named facts, such as `object` or `limit`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<(Text, String)>,
    /// The handler at fault; empty where none was.
    pub handler: Text,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        let first = std::error::Error::source(error);
        let causes = std::iter::successors(first, |cause| cause.source());
        let facts = error.facts().filter(|(name, _)| !matches!(*name, "execution" | "handler"));
        Self {
            code: Text::from_static(error.code()),
            message: cut(error.message()),
            causes: causes.take(MOST).map(|cause| cut(&told(cause))).collect(),
            rows: error.failures().iter().take(MOST).map(|row| cut(&row.to_string())).collect(),
            facts: facts.map(|(name, value)| (Text::from_static(name), cut(value))).collect(),
            handler: error.context("handler").map(Text::from).unwrap_or_default(),
        }
    }
}

impl Failure {
    /// Takes out what must not be shown, and then cuts what is too long.
    pub(crate) fn redact(&mut self, setup: &Setup) {
        let behind = self.causes.iter_mut().chain(&mut self.rows);
        let texts = std::iter::once(&mut self.message).chain(behind).map(|text| ("", text));
        for (name, text) in texts.chain(self.facts.iter_mut().map(|(name, text)| (&**name, text))) {
            let end = text.char_indices().nth(LONGEST).map(|(end, _)| end);
            setup.redact(name, text, end.unwrap_or(text.len()));
            text.extend(end.map(|_| '…'));
        }
    }
}

/// An error of ours without the facts that the one above it has too.
fn told(cause: &(dyn std::error::Error + 'static)) -> String {
    match cause.downcast_ref::<Error>() {
        Some(error) => error.message().to_owned(),
        None => cause.to_string(),
    }
}

/// A secret at the end is still recognised: what is behind it is kept until it is redacted.
fn cut(text: &str) -> String {
    let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(end, _)| end + SLACK);
    text[..text.floor_char_boundary(end)].to_owned()
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.message)?;
        self.causes.iter().try_for_each(|cause| write!(f, ": {cause}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn a_failure_tells_what_was_behind_it() {
        let inner = Error::new(ErrorKind::InvalidInput, "no such grade").with("grade", 7);
        let error = Error::new(ErrorKind::Handler, "a handler failed")
            .with("handler", "score")
            .with("object", "Contact")
            .with_source(inner);
        let failure = Failure::from(&error);
        assert_eq!(failure.causes, ["no such grade"]);
        assert_eq!((failure.facts.len(), &*failure.handler), (1, "score"));
    }

    #[test]
    fn what_a_fact_is_called_decides_and_a_secret_at_the_cut_goes_whole() {
        let start = "a ".repeat(LONGEST / 2 - 5);
        let error = Error::new(ErrorKind::Handler, format!("{start}ghp_{}", "A1".repeat(20)))
            .with("password", "hunter2")
            .with("user", "ada");
        let mut failure = Failure::from(&error);
        failure.redact(&Setup::default());
        assert_eq!(failure.message, format!("{start}[redacted]…"));
        let facts: Vec<_> = failure.facts.iter().map(|(_, value)| &**value).collect();
        assert_eq!(facts, ["[redacted]", "ada"]);
    }

    #[test]
    fn a_long_message_is_cut() {
        let error = Error::new(ErrorKind::Handler, "ä".repeat(LONGEST + 1));
        let mut failure = Failure::from(&error);
        failure.redact(&Setup::default());
        assert_eq!(failure.message.chars().count(), LONGEST + 1);
    }
}
