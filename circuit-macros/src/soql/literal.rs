//! A string literal: its value, and where each byte of it stands in the source.

use std::ops::Range;

use proc_macro2::Literal;
use syn::LitStr;

/// The literal of a query.
pub(super) struct Source {
    /// The literal as it was written.
    pub(super) token: Literal,
    /// What the literal means.
    pub(super) value: String,
    /// The literal's text, quotes included.
    pub(super) text: String,
    /// For each byte of the value, and for its end, the offset in the text.
    offsets: Vec<usize>,
    /// Line and column in the file, where the literal's span is that of its text.
    start: Option<(usize, usize)>,
}

impl Source {
    pub(super) fn new(literal: &LitStr) -> syn::Result<Self> {
        if !literal.suffix().is_empty() {
            return Err(syn::Error::new_spanned(literal, "a query has no suffix"));
        }
        let (token, value) = (literal.token(), literal.value());
        let text = token.to_string();
        let offsets = offsets(&text, &value);
        let start = start(&token, &text);
        Ok(Self { token, value, text, offsets, start })
    }

    /// Returns where a part of the value stands in the literal's text.
    pub(super) fn place(&self, part: &Range<usize>) -> Range<usize> {
        let at = |offset: usize| {
            let last = self.offsets.last().copied().unwrap_or(0);
            self.offsets.get(offset).copied().unwrap_or(last)
        };
        // The end of a part is the end of its last byte, not the start of what follows: an escaped
        // line end between them belongs to neither.
        let start = at(part.start);
        let end = if part.end > part.start { self.end_of(part.end - 1) } else { start };
        start..end.max(start)
    }

    /// Returns line and column in the file, where the literal's span is that of its text.
    pub(super) fn line_and_column(&self, part: &Range<usize>) -> Option<(usize, usize)> {
        let (line, column) = self.start?;
        let before = self.text.get(..self.place(part).start)?;
        let (lines, last) = (before.matches('\n').count(), before.rsplit('\n').next()?);
        Some((line + lines, if lines == 0 { column } else { 1 } + last.chars().count()))
    }

    /// Returns where the character with this byte of the value ends in the text.
    fn end_of(&self, byte: usize) -> usize {
        let start = self.offsets.get(byte).copied().unwrap_or(0);
        let rest = self.text.get(start..).unwrap_or("");
        start + unit(rest, self.is_raw()).0
    }

    fn is_raw(&self) -> bool {
        self.text.starts_with('r')
    }
}

fn start(token: &Literal, text: &str) -> Option<(usize, usize)> {
    if !proc_macro::is_available() || token.span().source_text().as_deref() != Some(text) {
        return None;
    }
    let start = token.span().unwrap().start();
    Some((start.line(), start.column()))
}

/// Returns the offset in the text for each byte of the value, and for its end.
fn offsets(text: &str, value: &str) -> Vec<usize> {
    let raw = text.starts_with('r');
    let start = text.find('"').map_or(0, |quote| quote + 1);
    let end = text.rfind('"').unwrap_or(text.len()).max(start);
    let mut offsets = Vec::with_capacity(value.len() + 1);
    let mut at = start;
    while at < end {
        let (length, bytes) = unit(&text[at..], raw);
        // Each byte of a character from the source has its own place; an escape is one place.
        for i in 0..bytes {
            offsets.push(if bytes == length { at + i } else { at });
        }
        at += length;
    }
    offsets.truncate(value.len());
    offsets.resize(value.len() + 1, end);
    offsets
}

/// Returns how long the first character or escape is, and how many bytes of the value it makes.
fn unit(text: &str, raw: bool) -> (usize, usize) {
    let mut chars = text.chars();
    let first = chars.next().map_or(1, char::len_utf8);
    if raw || !text.starts_with('\\') {
        return (first, first);
    }
    match chars.next() {
        Some('x') => (4, 1),
        Some('u') => {
            let length = text.find('}').map_or(text.len(), |end| end + 1);
            let digits: String = text[2..length].chars().filter(char::is_ascii_hexdigit).collect();
            let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
            (length, code.map_or(1, char::len_utf8))
        }
        // A backslash at the end of a line hides it, and the spaces before the next word.
        Some('\n' | '\r') => {
            let rest = text[1..].trim_start_matches([' ', '\t', '\n', '\r']);
            (text.len() - rest.len(), 0)
        }
        Some(escaped) => (1 + escaped.len_utf8(), 1),
        None => (1, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the part of the literal's text for the part of its value.
    fn placed(text: &str, part: &str) -> String {
        let literal: LitStr = syn::parse_str(text).unwrap();
        let source = Source::new(&literal).unwrap();
        let start = source.value.find(part).unwrap();
        source.text[source.place(&(start..start + part.len()))].to_owned()
    }

    #[test]
    fn plain_and_raw_literals_are_placed() {
        assert_eq!(placed(r#""SELECT Id""#, "Id"), "Id");
        assert_eq!(placed("r##\"SELECT \"Id\"##", "Id"), "Id");
        assert_eq!(placed(r#""ä Id""#, "Id"), "Id");
        assert_eq!(placed(r#""ä Id""#, "ä"), "ä");
    }

    #[test]
    fn escapes_are_one_place() {
        assert_eq!(placed(r#""a\n\"Id\u{41}\x41 b""#, "Id"), "Id");
        assert_eq!(placed(r#""\u{e4}Id""#, "ä"), r"\u{e4}");
        assert_eq!(placed(r#""\u{e4}Id""#, "Id"), "Id");
    }

    #[test]
    fn a_hidden_line_end_belongs_to_no_token() {
        assert_eq!(placed("\"SELECT \\\n    Id \\\n  FROM\"", "Id"), "Id");
        assert_eq!(placed("\"SELECT \\\n    Id \\\n  FROM\"", "FROM"), "FROM");
        assert_eq!(placed("\"SELECT\\\n    Id\"", "SELECT"), "SELECT");
    }

    #[test]
    fn the_end_of_the_value_is_the_closing_quote() {
        let literal: LitStr = syn::parse_str(r#""SELECT""#).unwrap();
        assert_eq!(Source::new(&literal).unwrap().place(&(6..6)), 7..7);
    }
}
