//! Where something stands in the text of a query.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Range;

/// A range of bytes in the text of a query.
///
/// Spans are all equal, so that two trees are equal when they mean the same: a query, printed and
/// parsed again, gives an equal tree. Compare [`range`](Self::range) to compare places.
///
/// # Examples
/// ```
/// use circuit_soql::Span;
///
/// let from = Span::new(10, 14);
/// assert_eq!(&"SELECT Id FROM Contact"[from.range()], "FROM");
/// assert_eq!(from, Span::default());
/// ```
#[derive(Clone, Copy, Default)]
pub struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// Creates a span from the offsets of its first byte and of the byte after its last.
    pub fn new(start: usize, end: usize) -> Self {
        let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Self { start: offset(start), end: offset(end.max(start)) }
    }

    /// Returns the offset of the first byte.
    pub fn start(self) -> usize {
        self.start as usize
    }

    /// Returns the offset of the byte after the last.
    pub fn end(self) -> usize {
        self.end as usize
    }

    /// Returns the range of bytes.
    pub fn range(self) -> Range<usize> {
        self.start()..self.end()
    }

    /// Returns the span from the start of this one to the end of another.
    #[must_use]
    pub fn to(self, last: Self) -> Self {
        Self { start: self.start, end: last.end.max(self.start) }
    }
}

impl PartialEq for Span {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Span {}

impl Hash for Span {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}
