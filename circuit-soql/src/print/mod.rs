//! The printer: from a tree to text, on one line or on several.

mod clause;
mod condition;
mod display;
mod expression;
mod literal;

use std::fmt::{self, Write};

/// Whether the text has line breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// All on one line.
    Line,
    /// A line per clause and per item of a list.
    Lines,
}

/// How far a line is moved to the right per level.
const INDENT: usize = 2;

/// The most levels that move a line: deeper ones would add more space than text.
const MOST_LEVELS: usize = 32;

/// Writes a tree to a text.
pub(crate) struct Printer<W> {
    out: W,
    layout: Layout,
    level: usize,
}

impl<W: Write> Printer<W> {
    pub(crate) fn new(out: W, layout: Layout) -> Self {
        Self { out, layout, level: 0 }
    }

    pub(crate) fn text(&mut self, text: &str) -> fmt::Result {
        self.out.write_str(text)
    }

    pub(crate) fn character(&mut self, character: char) -> fmt::Result {
        self.out.write_char(character)
    }

    pub(crate) fn lines(&self) -> bool {
        self.layout == Layout::Lines
    }

    /// A new line where there are lines, and this where there is one.
    pub(crate) fn line_or(&mut self, text: &str) -> fmt::Result {
        if !self.lines() {
            return self.text(text);
        }
        self.character('\n')?;
        for _ in 0..self.level.min(MOST_LEVELS) * INDENT {
            self.character(' ')?;
        }
        Ok(())
    }

    /// What stands one level deeper.
    pub(crate) fn inner(&mut self, write: impl FnOnce(&mut Self) -> fmt::Result) -> fmt::Result {
        self.level += 1;
        let result = write(self);
        self.level -= 1;
        result
    }

    /// Items with commas between them.
    pub(crate) fn list<T>(
        &mut self,
        items: &[T],
        mut write: impl FnMut(&mut Self, &T) -> fmt::Result,
    ) -> fmt::Result {
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.text(", ")?;
            }
            write(self, item)?;
        }
        Ok(())
    }
}
