//! From text to tokens: one at a time, without an allocation.

use crate::span::Span;
use crate::word::Word;
use crate::{Dialect, date};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name, or a keyword.
    Word(Word),
    /// Names with dots between them: `Account.Owner.Name`.
    Path,
    /// A text in single quotes.
    Text,
    /// Digits, perhaps with a fraction.
    Number,
    /// `2026-02-28`.
    Date,
    /// `2026-02-28T10:00:00Z`.
    DateTime,
    /// `10:00:00Z`.
    Time,
    /// `,`.
    Comma,
    /// `.`, where it does not join two names.
    Dot,
    /// `:`.
    Colon,
    /// `(`.
    Open,
    /// `)`.
    Close,
    /// `{`.
    OpenBrace,
    /// `}`.
    CloseBrace,
    /// `=`.
    Eq,
    /// `!=` or `<>`.
    Ne,
    /// `<`.
    Lt,
    /// `<=`.
    Le,
    /// `>`.
    Gt,
    /// `>=`.
    Ge,
    /// `-`.
    Minus,
    /// `+`.
    Plus,
    /// The end of the text.
    End,
    /// What no token is.
    Bad(Bad),
}

/// What is wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bad {
    /// `==`.
    DoubleEq,
    /// `&&`.
    DoubleAnd,
    /// `||`.
    DoubleOr,
    /// `"text"`.
    DoubleQuoted,
    /// A text without its last quote.
    Unclosed,
    /// A line break in a text.
    LineBreak,
    /// A comment without its end.
    OpenComment,
    /// A comment where none may be.
    Comment,
    /// Digits that are no number: `1e5`, `12abc`, `1.`.
    Number,
    /// Digits that look like a date and are none.
    Date,
    /// A date or a time without its time zone.
    NoZone,
    /// A date that is in no calendar.
    Calendar,
    /// `;`.
    Semicolon,
    /// `*`.
    Star,
    /// Any other character.
    Character,
}

/// A token: what it is and where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    span: Span,
}

impl Token {
    pub(crate) fn span(self) -> Span {
        self.span
    }

    pub(crate) fn start(self) -> usize {
        self.span.start()
    }

    pub(crate) fn end(self) -> usize {
        self.span.end()
    }
}

/// Reads tokens from a text of less than 4 GB.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lexer<'a> {
    text: &'a str,
    /// Where the last token starts.
    start: usize,
    at: usize,
    dialect: Dialect,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str, dialect: Dialect) -> Self {
        Self { text, start: 0, at: 0, dialect }
    }

    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Goes on at another place: behind what the lexer can't read, the host's expressions.
    pub(crate) fn jump(&mut self, at: usize) {
        self.at = at;
    }

    /// Reads the next token; at the end of the text, [`Kind::End`] again and again.
    #[inline]
    pub(crate) fn next(&mut self) -> Token {
        let kind = self.advance();
        Token { kind, span: Span::new(self.start, self.at) }
    }

    /// Moves to the next token; returns what it is. Not inlined: the kind alone comes back in a
    /// register, and the token is put together where it is needed.
    #[inline(never)]
    fn advance(&mut self) -> Kind {
        let mut first = self.byte(0);
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = first {
            self.at += 1;
            first = self.byte(0);
        }
        self.start = self.at;
        let Some(first) = first else { return Kind::End };
        match first {
            b'a'..=b'z' | b'A'..=b'Z' => self.word(),
            b'0'..=b'9' => self.digits(),
            b'\'' => self.quoted(),
            b'.' if self.byte(1).is_some_and(|byte| byte.is_ascii_digit()) => self.number(),
            b'/' if matches!(self.byte(1), Some(b'/' | b'*')) => self.behind_comment(),
            _ => self.symbol(first),
        }
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    /// Reads the token behind a comment, or what is wrong with the comment.
    #[cold]
    fn behind_comment(&mut self) -> Kind {
        loop {
            if !self.comment() {
                return Kind::Bad(Bad::OpenComment);
            }
            if self.dialect == Dialect::Rest {
                return Kind::Bad(Bad::Comment);
            }
            while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.byte(0) {
                self.at += 1;
            }
            self.start = self.at;
            if self.byte(0) != Some(b'/') || !matches!(self.byte(1), Some(b'/' | b'*')) {
                return self.advance();
            }
        }
    }

    /// Skips a comment; returns whether it ends.
    fn comment(&mut self) -> bool {
        let rest = &self.text[self.at..];
        if rest.starts_with("//") {
            self.at += rest.find(['\n', '\r']).unwrap_or(rest.len());
            return true;
        }
        let length = rest[2..].find("*/");
        self.at += length.map_or(rest.len(), |length| length + 4);
        length.is_some()
    }

    fn word(&mut self) -> Kind {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let end = word_end(bytes, start);
        self.at = end;
        let mut dotted = false;
        while bytes.get(self.at) == Some(&b'.')
            && bytes.get(self.at + 1).is_some_and(u8::is_ascii_alphabetic)
        {
            dotted = true;
            self.at = word_end(bytes, self.at + 1);
        }
        if dotted { Kind::Path } else { Kind::Word(Word::at(bytes, start, end)) }
    }

    /// A number, a date, a date-time or a time.
    fn digits(&mut self) -> Kind {
        let bytes = &self.text.as_bytes()[self.at..];
        let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let next = bytes.get(digits).copied();
        let digit_follows = bytes.get(digits + 1).is_some_and(u8::is_ascii_digit);
        if digit_follows && (next == Some(b'-') || (next == Some(b':') && digits == 2)) {
            return self.moment();
        }
        self.number()
    }

    /// Digits with `-` or `:` between them.
    fn moment(&mut self) -> Kind {
        let bytes = &self.text.as_bytes()[self.at..];
        match date::scan(bytes) {
            Ok((kind, length)) => {
                self.at += length;
                kind
            }
            Err(bad) => {
                let part = |byte: &&u8| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'-' | b'+' | b'.')
                };
                self.at += bytes.iter().take_while(part).count();
                Kind::Bad(bad)
            }
        }
    }

    fn number(&mut self) -> Kind {
        let bytes = self.text.as_bytes();
        let skip_digits = |mut at: usize| {
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            at
        };
        self.at = skip_digits(self.at);
        if bytes.get(self.at) == Some(&b'.') {
            let end = skip_digits(self.at + 1);
            let good = end > self.at + 1;
            self.at = end;
            if !good {
                return Kind::Bad(Bad::Number);
            }
        }
        let end = word_end(bytes, self.at);
        if end > self.at {
            self.at = end;
            return Kind::Bad(Bad::Number);
        }
        Kind::Number
    }

    /// A text in quotes; its escapes are looked at when it is known what they may be.
    fn quoted(&mut self) -> Kind {
        let bytes = self.text.as_bytes();
        let mut broken = false;
        let mut at = self.at + 1;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'\'' => {
                    self.at = at + 1;
                    return if broken { Kind::Bad(Bad::LineBreak) } else { Kind::Text };
                }
                b'\\' => at += 1,
                b'\n' | b'\r' => broken = true,
                _ => {}
            }
            at += 1;
        }
        self.at = bytes.len();
        Kind::Bad(Bad::Unclosed)
    }

    fn symbol(&mut self, first: u8) -> Kind {
        let second = self.byte(1);
        let (kind, length) = match (first, second) {
            (b',', _) => (Kind::Comma, 1),
            (b'.', _) => (Kind::Dot, 1),
            (b':', _) => (Kind::Colon, 1),
            (b'(', _) => (Kind::Open, 1),
            (b')', _) => (Kind::Close, 1),
            (b'{', _) => (Kind::OpenBrace, 1),
            (b'}', _) => (Kind::CloseBrace, 1),
            (b'-', _) => (Kind::Minus, 1),
            (b'+', _) => (Kind::Plus, 1),
            (b'=', Some(b'=')) => (Kind::Bad(Bad::DoubleEq), 2),
            (b'=', _) => (Kind::Eq, 1),
            (b'!', Some(b'=')) | (b'<', Some(b'>')) => (Kind::Ne, 2),
            (b'<', Some(b'=')) => (Kind::Le, 2),
            (b'<', _) => (Kind::Lt, 1),
            (b'>', Some(b'=')) => (Kind::Ge, 2),
            (b'>', _) => (Kind::Gt, 1),
            (b'&', Some(b'&')) => (Kind::Bad(Bad::DoubleAnd), 2),
            (b'|', Some(b'|')) => (Kind::Bad(Bad::DoubleOr), 2),
            (b';', _) => (Kind::Bad(Bad::Semicolon), 1),
            (b'*', _) => (Kind::Bad(Bad::Star), 1),
            (b'"', _) => return self.double_quoted(),
            _ => (Kind::Bad(Bad::Character), self.character()),
        };
        self.at += length;
        kind
    }

    fn double_quoted(&mut self) -> Kind {
        let rest = &self.text[self.at + 1..];
        self.at += rest.find('"').map_or(1, |length| length + 2);
        Kind::Bad(Bad::DoubleQuoted)
    }

    /// The length of the character here.
    fn character(&self) -> usize {
        self.text[self.at..].chars().next().map_or(1, char::len_utf8)
    }
}

/// Which bytes are letters, digits or underscores.
const IN_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'_';
        byte += 1;
    }
    table
};

/// Returns the end of the letters, digits and underscores that start here.
#[inline]
fn word_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(next) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let others = !in_word(u64::from_le_bytes(*next)) & HIGH;
        if others != 0 {
            return at + (others.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while bytes.get(at).is_some_and(|byte| IN_WORD[usize::from(*byte)]) {
        at += 1;
    }
    at
}

/// The highest bit of each of eight bytes.
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Sets the highest bit of each byte that is a letter, a digit or an underscore; the others say
/// nothing. No sum reaches the next byte: what is added to is below 128.
const fn in_word(bytes: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let low = bytes & !HIGH;
    let lower = low | (EACH * 0x20);
    let letter = (lower + EACH * (0x80 - b'a' as u64)) & !(lower + EACH * (0x7f - b'z' as u64));
    let digit = (low + EACH * (0x80 - b'0' as u64)) & !(low + EACH * (0x7f - b'9' as u64));
    let underscore = !((low ^ (EACH * b'_' as u64)) + EACH * 0x7f);
    (letter | digit | underscore) & !bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_bytes_at_once_are_told_apart_as_one_by_one() {
        for byte in 0..=u8::MAX {
            for place in 0..8 {
                let mut bytes = [b'a'; 8];
                bytes[place] = byte;
                let end = if IN_WORD[usize::from(byte)] { 8 } else { place };
                assert_eq!(word_end(&bytes, 0), end, "{byte}");
            }
        }
    }
}
