//! An error as a report keeps it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::Error;
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
    /// Returns each text that people wrote, for changing.
    pub(crate) fn texts(&mut self) -> impl Iterator<Item = &mut String> {
        let facts = self.facts.iter_mut().map(|(_, value)| value);
        let behind = self.causes.iter_mut().chain(&mut self.rows);
        std::iter::once(&mut self.message).chain(behind).chain(facts)
    }
}

/// An error of ours without the facts that the one above it has too.
fn told(cause: &(dyn std::error::Error + 'static)) -> String {
    match cause.downcast_ref::<Error>() {
        Some(error) => error.message().to_owned(),
        None => cause.to_string(),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
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
    fn a_long_message_is_cut() {
        let error = Error::new(ErrorKind::Handler, "ä".repeat(LONGEST + 1));
        assert_eq!(Failure::from(&error).message.chars().count(), LONGEST + 1);
    }
}
