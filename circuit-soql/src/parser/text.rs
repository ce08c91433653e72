//! Texts in quotes and their escapes.

use super::{Parsed, Parser};
use crate::ast::Text;
use crate::error::{Error, ErrorKind};
use crate::lexer::Token;
use crate::span::Span;

/// Where a text stands decides what its escapes may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextUse {
    /// Any value.
    Plain,
    /// Behind `LIKE`: `\%`, `\_` and `\\` are kept.
    Pattern,
}

/// One escape.
enum Escape {
    /// Stands for a character.
    Character(char),
    /// Belongs to the pattern.
    Kept(char),
}

impl Parser<'_> {
    /// Resolves the escapes of a text. Each wrong one is reported, and the text is read on.
    pub(crate) fn text_value(&mut self, token: Token, usage: TextUse) -> Parsed<Text> {
        let source = self.text(token);
        let inner = &source[1..source.len() - 1];
        if !inner.as_bytes().contains(&b'\\') {
            return Ok(self.cut(token.start() + 1, token.end() - 1));
        }
        let mut value = String::with_capacity(inner.len());
        let mut result = Ok(());
        let mut rest = inner;
        while let Some(at) = rest.find('\\') {
            value.push_str(&rest[..at]);
            let escape = &rest[at..];
            match read_escape(escape, usage) {
                Ok((Escape::Character(character), length)) => {
                    value.push(character);
                    rest = &escape[length..];
                }
                Ok((Escape::Kept(character), length)) => {
                    value.push('\\');
                    value.push(character);
                    rest = &escape[length..];
                }
                Err(message) => {
                    let length = 1 + escape[1..].chars().next().map_or(0, char::len_utf8);
                    let start = token.end() - 1 - escape.len();
                    let span = Span::new(start, start + length);
                    result = Err(self.report(Error::new(ErrorKind::Token, message, span)));
                    rest = &escape[length..];
                }
            }
        }
        value.push_str(rest);
        result.map(|()| value.into())
    }
}

/// Reads the escape at the start of a text; returns it and its length.
fn read_escape(text: &str, usage: TextUse) -> Result<(Escape, usize), String> {
    let Some(letter) = text[1..].chars().next() else {
        return Err("an escape needs a letter".to_owned());
    };
    let character = match letter {
        'n' | 'N' => '\n',
        'r' | 'R' => '\r',
        't' | 'T' => '\t',
        'b' | 'B' => '\u{8}',
        'f' | 'F' => '\u{c}',
        '\\' if usage == TextUse::Pattern => return Ok((Escape::Kept('\\'), 2)),
        '"' | '\'' | '\\' => letter,
        '%' | '_' if usage == TextUse::Pattern => return Ok((Escape::Kept(letter), 2)),
        '%' | '_' => return Err(format!(r"`\{letter}` is allowed after LIKE only")),
        'u' | 'U' => return read_unicode(text, usage),
        _ => {
            let shown = letter.escape_debug();
            return Err(format!(r"`\{shown}` is no escape; a backslash itself is `\\`"));
        }
    };
    Ok((Escape::Character(character), 2))
}

/// Reads `\uXXXX`, or two of them that make one character.
fn read_unicode(text: &str, usage: TextUse) -> Result<(Escape, usize), String> {
    let unit = |text: &str| {
        let digits = text.get(2..6).filter(|_| text.starts_with('\\'))?;
        let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let code = u16::from_str_radix(digits, 16).ok().filter(|_| hex)?;
        matches!(text.as_bytes().get(1), Some(b'u' | b'U')).then_some(code)
    };
    let Some(first) = unit(text) else {
        return Err(r"`\u` needs four hexadecimal digits, such as `\u00e9`".to_owned());
    };
    let second = text.get(6..).and_then(unit);
    let mut decoded = char::decode_utf16([first].into_iter().chain(second));
    let Some(Ok(character)) = decoded.next() else {
        return Err(format!(r"`\u{first:04x}` is half a character"));
    };
    if character == '\u{ffff}' {
        return Err(r"`\uffff` is no character".to_owned());
    }
    // A backslash of the text, not one of the pattern.
    let escape = match character {
        '\\' if usage == TextUse::Pattern => Escape::Kept('\\'),
        _ => Escape::Character(character),
    };
    Ok((escape, if character as u32 > 0xffff { 12 } else { 6 }))
}
