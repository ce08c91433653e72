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
    /// The end above the start: a span is copied more than it is read, and so is one number.
    packed: u64,
}

impl Span {
    /// Creates a span from the offsets of its first byte and of the byte after its last.
    #[inline]
    pub fn new(start: usize, end: usize) -> Self {
        let offset = |at: usize| at.min(u32::MAX as usize) as u64;
        Self { packed: offset(end.max(start)) << 32 | offset(start) }
    }

    /// Does the same for offsets in a text of less than 4 GB, the end not in front of the start.
    #[inline]
    pub(crate) fn within(start: usize, end: usize) -> Self {
        Self { packed: (end as u64) << 32 | start as u64 }
    }

    /// Returns the offset of the first byte.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the lower half is what is wanted")]
    pub fn start(self) -> usize {
        self.packed as u32 as usize
    }

    /// Returns the offset of the byte after the last.
    #[inline]
    pub fn end(self) -> usize {
        (self.packed >> 32) as usize
    }

    /// Returns the range of bytes.
    pub fn range(self) -> Range<usize> {
        self.start()..self.end()
    }

    /// Returns the span from the start of this one to the end of another.
    #[inline]
    #[must_use]
    pub fn to(self, last: Self) -> Self {
        Self::new(self.start(), last.end())
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
        write!(f, "{}..{}", self.start(), self.end())
    }
}
