//! What is wrong with a query.

use std::fmt::{self, Write as _};

use crate::span::Span;

/// Something that is wrong with a query, and where.
///
/// # Examples
/// ```
/// use circuit_soql::{Dialect, parse};
///
/// let errors = parse("SELECT Id FORM Account", Dialect::Rest).unwrap_err();
/// let error = errors.first();
/// assert_eq!(error.span().range(), 10..14);
/// assert_eq!(error.suggestion(), Some("FROM"));
/// assert_eq!(error.to_string(), "expected `,` or `FROM`, found `FORM`; did you mean `FROM`?");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    message: String,
    expected: Vec<&'static str>,
    suggestion: Option<String>,
    start: usize,
    end: usize,
}

/// What sort of mistake it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Something else is expected at this place.
    Syntax,
    /// What stands there is no token of the language: a text without its end, a day in no calendar.
    Token,
    /// It can be read, but the language does not allow it.
    Rule,
    /// The language allows it, but not of these objects and fields.
    Meaning,
    /// Parentheses, functions or sub-queries are nested too deep.
    TooDeep,
    /// The statement is too long.
    TooLong,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>, span: Span) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            expected: Vec::new(),
            suggestion: None,
            start: span.start(),
            end: span.end(),
        }))
    }

    #[must_use]
    pub(crate) fn with_expected(mut self, expected: &[&'static str]) -> Self {
        self.0.expected = expected.to_vec();
        self
    }

    #[must_use]
    pub(crate) fn with_suggestion(mut self, suggestion: impl Into<String>) -> Self {
        self.0.suggestion = Some(suggestion.into());
        self
    }

    /// Returns what sort of mistake it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns what is wrong, without the suggestion.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the token at fault; at the end of the text an empty span.
    pub fn span(&self) -> Span {
        Span::new(self.0.start, self.0.end)
    }

    /// Returns the offset of the token at fault, in bytes.
    pub fn offset(&self) -> usize {
        self.0.start
    }

    /// Returns what may stand there; empty where the message says it all.
    pub fn expected(&self) -> &[&'static str] {
        &self.0.expected
    }

    /// Returns what was perhaps meant.
    pub fn suggestion(&self) -> Option<&str> {
        self.0.suggestion.as_deref()
    }

    /// Shows the line of the query at fault, with carets under the token.
    ///
    /// # Examples
    /// ```
    /// use circuit_soql::{Dialect, parse};
    ///
    /// let query = "SELECT Id\nFORM Account";
    /// let errors = parse(query, Dialect::Rest).unwrap_err();
    /// let shown = errors.first().render(query);
    /// let lines: Vec<&str> = shown.lines().collect();
    /// assert_eq!(lines[1], "2 | FORM Account");
    /// assert_eq!(lines[2], "  | ^^^^");
    /// ```
    pub fn render(&self, source: &str) -> String {
        let start = floor(source, self.0.start);
        let end = floor(source, self.0.end).max(start);
        let line_start = source[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = source[start..].find('\n').map_or(source.len(), |at| start + at);
        let number = source[..start].bytes().filter(|byte| *byte == b'\n').count() + 1;
        let number = number.to_string();
        let margin = " ".repeat(number.len());
        let line = source[line_start..line_end].trim_end_matches('\r');
        let (line, column) = window(line, start - line_start);
        let width = source[start..end.min(line_end)].chars().count();
        let width = width.clamp(1, line.chars().count().saturating_sub(column).max(1));
        let mut shown = self.to_string();
        let _ = write!(shown, "\n{number} | {}", line.replace('\t', " "));
        let _ = write!(shown, "\n{margin} | {}{}", " ".repeat(column), "^".repeat(width));
        shown
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        match &self.0.suggestion {
            Some(suggestion) => write!(f, "; did you mean `{suggestion}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

/// The mistakes of a query, in the order of their places; never none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errors(Vec<Error>);

impl Errors {
    /// Takes errors in any order; returns nothing where there is none.
    pub(crate) fn new(mut errors: Vec<Error>) -> Option<Self> {
        errors.sort_by_key(Error::offset);
        if errors.is_empty() { None } else { Some(Self(errors)) }
    }

    /// Returns the first.
    pub fn first(&self) -> &Error {
        &self.0[0]
    }

    /// Returns all, in the order of their places.
    pub fn iter(&self) -> std::slice::Iter<'_, Error> {
        self.0.iter()
    }

    /// Returns how many there are.
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Shows all of them, each with its line of the query.
    pub fn render(&self, source: &str) -> String {
        self.0.iter().map(|error| error.render(source)).collect::<Vec<_>>().join("\n")
    }
}

impl From<Error> for Errors {
    fn from(error: Error) -> Self {
        Self(vec![error])
    }
}

impl<'a> IntoIterator for &'a Errors {
    type Item = &'a Error;
    type IntoIter = std::slice::Iter<'a, Error>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Errors {
    type Item = Error;
    type IntoIter = std::vec::IntoIter<Error>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.first().fmt(f)?;
        match self.0.len() - 1 {
            0 => Ok(()),
            1 => f.write_str(" (and 1 more error)"),
            more => write!(f, " (and {more} more errors)"),
        }
    }
}

impl std::error::Error for Errors {}

/// How much of a long line is shown before and behind the token.
const AROUND: usize = 60;

/// Cuts a long line around a byte; returns what is left and the column in it, in characters.
fn window(line: &str, at: usize) -> (&str, usize) {
    let at = floor(line, at);
    let start = line[..at].char_indices().rev().nth(AROUND - 1).map_or(0, |(at, _)| at);
    let end = line[at..].char_indices().nth(AROUND).map_or(line.len(), |(end, _)| at + end);
    (&line[start..end], line[start..at].chars().count())
}

/// The start of the character at this byte, or the end of the text.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
