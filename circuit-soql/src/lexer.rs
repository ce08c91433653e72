//! From text to tokens: one at a time, without an allocation.

use crate::span::Span;
use crate::word::Word;
use crate::{Dialect, chunk, date};

/// What a token is, in one byte: it is passed in a register, and so is a token. Those behind `End`
/// are none of the language.
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
    BadNumber,
    /// Digits that look like a date and are none.
    BadDate,
    /// A date or a time without its time zone.
    NoZone,
    /// A date that is in no calendar.
    NoSuchDate,
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

/// A dot, as a byte of eight.
const DOT: u64 = b'.' as u64;

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
        Token { kind, span: Span::within(self.start, self.at) }
    }

    /// Moves to the next token; returns what it is. Not inlined: the kind alone comes back in a
    /// register, and the token is put together where it is needed.
    ///
    /// Most tokens are words of less than eight letters: they are read at once, from one number.
    #[inline(never)]
    fn advance(&mut self) -> Kind {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = bytes.get(at) {
            at += 1;
        }
        self.start = at;
        if !bytes.get(at).is_some_and(u8::is_ascii_alphabetic) {
            return self.no_word();
        }
        let Some(chunk) = chunk::whole(bytes, at) else { return self.last_word() };
        let length = chunk::word_length(chunk);
        self.at = at + length;
        if length == 8 || chunk >> (8 * length) & 0xff == DOT {
            return self.long_word(chunk);
        }
        Kind::Word(Word::short(chunk, length))
    }

    /// Reads a token that is no word; its start is known.
    #[inline(never)]
    fn no_word(&mut self) -> Kind {
        self.at = self.start;
        match self.byte(0) {
            None => Kind::End,
            Some(b'0'..=b'9') => self.digits(),
            Some(b'\'') => self.quoted(),
            Some(b'.') if self.byte(1).is_some_and(|byte| byte.is_ascii_digit()) => self.number(),
            Some(b'/') if matches!(self.byte(1), Some(b'/' | b'*')) => self.behind_comment(),
            Some(first) => self.symbol(first),
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
                return Kind::OpenComment;
            }
            if self.dialect == Dialect::Rest {
                return Kind::Comment;
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

    /// Reads a word whose first bytes are the last of the text.
    #[inline(never)]
    fn last_word(&mut self) -> Kind {
        let chunk = chunk::at(self.text.as_bytes(), self.start);
        self.at = self.start + chunk::word_length(chunk);
        self.long_word(chunk)
    }

    /// Reads on where a word has more than its first bytes, or a dot behind them.
    #[inline(never)]
    fn long_word(&mut self, chunk: u64) -> Kind {
        let bytes = self.text.as_bytes();
        if self.at == self.start + 8 {
            self.at = chunk::word_end(bytes, self.at);
        }
        let end = self.at;
        while self.byte(0) == Some(b'.') && self.byte(1).is_some_and(|b| b.is_ascii_alphabetic()) {
            self.at = chunk::word_end(bytes, self.at + 1);
        }
        if self.at > end {
            return Kind::Path;
        }
        Kind::Word(Word::long(chunk, &bytes[self.start..end]))
    }

    /// A number, a date, a date-time or a time.
    #[inline(never)]
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
                bad
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
                return Kind::BadNumber;
            }
        }
        let end = chunk::word_end(bytes, self.at);
        if end > self.at {
            self.at = end;
            return Kind::BadNumber;
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
                    return if broken { Kind::LineBreak } else { Kind::Text };
                }
                b'\\' => at += 1,
                b'\n' | b'\r' => broken = true,
                _ => {}
            }
            at += 1;
        }
        self.at = bytes.len();
        Kind::Unclosed
    }

    #[inline]
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
            (b'=', Some(b'=')) => (Kind::DoubleEq, 2),
            (b'=', _) => (Kind::Eq, 1),
            (b'!', Some(b'=')) | (b'<', Some(b'>')) => (Kind::Ne, 2),
            (b'<', Some(b'=')) => (Kind::Le, 2),
            (b'<', _) => (Kind::Lt, 1),
            (b'>', Some(b'=')) => (Kind::Ge, 2),
            (b'>', _) => (Kind::Gt, 1),
            (b'&', Some(b'&')) => (Kind::DoubleAnd, 2),
            (b'|', Some(b'|')) => (Kind::DoubleOr, 2),
            (b';', _) => (Kind::Semicolon, 1),
            (b'*', _) => (Kind::Star, 1),
            (b'"', _) => return self.double_quoted(),
            _ => (Kind::Character, self.character()),
        };
        self.at += length;
        kind
    }

    #[cold]
    fn double_quoted(&mut self) -> Kind {
        let rest = &self.text[self.at + 1..];
        self.at += rest.find('"').map_or(1, |length| length + 2);
        Kind::DoubleQuoted
    }

    /// The length of the character here.
    #[cold]
    fn character(&self) -> usize {
        self.text[self.at..].chars().next().map_or(1, char::len_utf8)
    }
}
