//! The printer: from a tree to text, on one line or on several.

mod clause;
mod condition;
mod display;
mod expression;
mod literal;

use std::fmt::{self, Write};

use crate::ast::Text;

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

/// How many bytes are collected before they are written: more than most queries have.
const ROOM: usize = 256;

/// What is collected. Texts that start at such a place are checked faster.
#[repr(align(16))]
struct Room([u8; ROOM]);

/// Writes a tree to a text. What is written is collected first: what is behind `out` is slow for
/// each piece, however short.
pub(crate) struct Printer<'a> {
    out: &'a mut dyn Write,
    collected: Room,
    length: usize,
    layout: Layout,
    level: usize,
}

impl<'a> Printer<'a> {
    /// Writes what a function prints.
    pub(crate) fn print(
        out: &'a mut dyn Write,
        layout: Layout,
        write: impl FnOnce(&mut Self) -> fmt::Result,
    ) -> fmt::Result {
        let mut printer = Self { out, collected: Room([0; ROOM]), length: 0, layout, level: 0 };
        write(&mut printer)?;
        printer.flush()
    }

    #[inline]
    pub(crate) fn text(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        let Some(room) = self.collected.0.get_mut(self.length..end) else {
            return self.text_without_room(text);
        };
        room.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }

    /// Writes a text that is kept in place with its whole place: the length of a copy that is always
    /// the same makes it faster.
    #[inline]
    pub(crate) fn short(&mut self, text: &Text) -> fmt::Result {
        if let Some((bytes, length)) = text.inline()
            && let Some(rest) = self.collected.0.get_mut(self.length..)
            && let Some(room) = rest.first_chunk_mut()
        {
            *room = *bytes;
            self.length += length;
            return Ok(());
        }
        self.text(text)
    }

    #[cold]
    fn text_without_room(&mut self, text: &str) -> fmt::Result {
        self.flush()?;
        match self.collected.0.get_mut(..text.len()) {
            Some(room) => {
                room.copy_from_slice(text.as_bytes());
                self.length = text.len();
                Ok(())
            }
            None => self.out.write_str(text),
        }
    }

    fn flush(&mut self) -> fmt::Result {
        // Sixteen bytes at once are checked faster than the last few one by one.
        let length = std::mem::take(&mut self.length);
        let padded = match self.collected.0.get_mut(length..).and_then(<[u8]>::first_chunk_mut) {
            Some(behind) => {
                *behind = [b' '; 16];
                (length + 15) & !15
            }
            None => length,
        };
        let collected = str::from_utf8(&self.collected.0[..padded]).map_err(|_| fmt::Error)?;
        self.out.write_str(&collected[..length])
    }

    pub(crate) fn character(&mut self, character: char) -> fmt::Result {
        self.text(character.encode_utf8(&mut [0; 4]))
    }

    pub(crate) fn lines(&self) -> bool {
        self.layout == Layout::Lines
    }

    /// A new line where there are lines, and this where there is one.
    #[inline]
    pub(crate) fn line_or(&mut self, text: &str) -> fmt::Result {
        if self.lines() { self.line() } else { self.text(text) }
    }

    fn line(&mut self) -> fmt::Result {
        self.text("\n")?;
        (0..self.level.min(MOST_LEVELS) * INDENT).try_for_each(|_| self.text(" "))
    }

    /// What stands one level deeper.
    pub(crate) fn inner(&mut self, write: impl FnOnce(&mut Self) -> fmt::Result) -> fmt::Result {
        self.level += 1;
        let result = write(self);
        self.level -= 1;
        result
    }

    /// Items with commas between them.
    #[inline]
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
