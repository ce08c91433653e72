//! Variables of the host's language, kept as they were written.

use super::{Failed, Parsed, Parser};
use crate::ast::Bind;
use crate::error::{Error, ErrorKind};
use crate::lexer::Kind;
use crate::span::Span;

impl Parser<'_> {
    /// Reads a variable; the colon is here.
    pub(crate) fn bind(&mut self) -> Parsed<Bind> {
        let colon = self.token;
        if !self.is_apex() {
            let span = match self.peek() {
                Kind::Word(_) | Kind::Path => {
                    self.bump();
                    colon.span().to(self.token.span())
                }
                _ => colon.span(),
            };
            let failed = self.refuse("variables are allowed in Apex only", span);
            self.bump();
            return Err(failed);
        }
        let start = colon.end();
        match scan(self.source(), start) {
            Ok((from, to)) => {
                self.jump(to);
                let text = self.cut(from, to);
                Ok(Bind { text, span: Span::new(colon.start(), to) })
            }
            Err((message, span)) => Err(self.bad_bind(message, span)),
        }
    }

    fn bad_bind(&mut self, message: &'static str, span: Span) -> Failed {
        self.bump();
        self.report(Error::new(ErrorKind::Syntax, message, span))
    }
}

type Scanned<T> = Result<T, (&'static str, Span)>;

/// Reads an expression of Apex behind a colon; returns where it starts and ends.
fn scan(text: &str, at: usize) -> Scanned<(usize, usize)> {
    let mut scan = Scan { bytes: text.as_bytes(), at };
    scan.space();
    let start = scan.at;
    loop {
        scan.operand()?;
        let end = scan.at;
        scan.space();
        if !scan.operator() {
            return Ok((start, end));
        }
        scan.space();
    }
}

/// Words of the query that may follow a variable in parentheses.
const WORDS: [&[u8]; 14] = [
    b"AND", b"OR", b"WITH", b"GROUP", b"HAVING", b"ORDER", b"LIMIT", b"OFFSET", b"FOR", b"UPDATE",
    b"ALL", b"ASC", b"DESC", b"NULLS",
];

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn byte(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn starts_with(&self, sign: &[u8]) -> bool {
        self.bytes[self.at.min(self.bytes.len())..].starts_with(sign)
    }

    /// Skips white space and comments.
    fn space(&mut self) {
        loop {
            if self.byte(0).is_some_and(|byte| byte.is_ascii_whitespace()) {
                self.at += 1;
            } else if self.starts_with(b"//") {
                let rest = &self.bytes[self.at..];
                self.at += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            } else if self.starts_with(b"/*") {
                let rest = &self.bytes[self.at..];
                let end = rest.windows(2).skip(2).position(|pair| pair == b"*/");
                self.at += end.map_or(rest.len(), |end| end + 4);
            } else {
                return;
            }
        }
    }

    /// A name, a literal, an expression in parentheses, `new`; then calls, indices and members.
    fn operand(&mut self) -> Scanned<()> {
        loop {
            while matches!(self.byte(0), Some(b'!' | b'-' | b'+' | b'~')) {
                self.at += 1;
                self.space();
            }
            if self.byte(0) != Some(b'(') {
                self.plain_operand()?;
                return self.members();
            }
            self.filled_brackets()?;
            let end = self.at;
            self.space();
            // Behind a cast stands what is cast.
            let cast = matches!(self.byte(0), Some(b'a'..=b'z' | b'A'..=b'Z' | b'('));
            if !cast || self.at_word_of_soql() {
                self.at = end;
                return self.members();
            }
        }
    }

    /// An operand that does not start with a parenthesis.
    fn plain_operand(&mut self) -> Scanned<()> {
        match self.byte(0) {
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => {
                let new = self.name().eq_ignore_ascii_case(b"new");
                if new { self.construction() } else { Ok(()) }
            }
            Some(b'0'..=b'9') => {
                self.number();
                Ok(())
            }
            Some(b'\'') => self.quoted(),
            Some(b'[') => self.filled_brackets(),
            _ => {
                let span = Span::new(self.at, (self.at + 1).min(self.bytes.len()));
                Err(("expected a variable behind `:`", span))
            }
        }
    }

    /// Whether a word of the query goes on here: `AND`, `ORDER`, `LIMIT`.
    fn at_word_of_soql(&self) -> bool {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        WORDS.iter().any(|word| word.eq_ignore_ascii_case(&rest[..length]))
    }

    fn name(&mut self) -> &[u8] {
        let start = self.at;
        while self.byte(0).is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            self.at += 1;
        }
        &self.bytes[start..self.at]
    }

    /// `List<Id>{a, b}` or `Map<Id, Account>(x)` behind `new`.
    fn construction(&mut self) -> Scanned<()> {
        loop {
            self.space();
            match self.byte(0) {
                Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => _ = self.name(),
                Some(b'.') => self.at += 1,
                Some(b'<') => self.generics()?,
                Some(b'[' | b'(' | b'{') => {
                    self.brackets()?;
                    let end = self.at;
                    self.space();
                    if self.byte(0) != Some(b'{') {
                        self.at = end;
                        return Ok(());
                    }
                }
                _ => return Err(("expected `(` or `{` behind `new`", Span::new(self.at, self.at))),
            }
        }
    }

    fn generics(&mut self) -> Scanned<()> {
        let start = self.at;
        let mut open = 0_usize;
        while let Some(byte) = self.byte(0) {
            match byte {
                b'<' => open += 1,
                b'>' => open -= 1,
                b',' | b'.' | b'_' | b' ' | b'\t' | b'\r' | b'\n' | b'[' | b']' => {}
                byte if byte.is_ascii_alphanumeric() => {}
                _ => break,
            }
            self.at += 1;
            if open == 0 {
                return Ok(());
            }
        }
        Err(("the `<` is not closed", Span::new(start, start + 1)))
    }

    fn number(&mut self) {
        while self.byte(0).is_some_and(|byte| byte.is_ascii_alphanumeric())
            || (self.byte(0) == Some(b'.') && self.byte(1).is_some_and(|b| b.is_ascii_digit()))
        {
            self.at += 1;
        }
    }

    fn quoted(&mut self) -> Scanned<()> {
        let start = self.at;
        self.at += 1;
        while let Some(byte) = self.byte(0) {
            self.at += 1;
            match byte {
                b'\'' => return Ok(()),
                b'\\' => self.at += 1,
                _ => {}
            }
        }
        Err(("the text has no closing `'`", Span::new(start, start + 1)))
    }

    /// `.name`, `?.name`, `(...)`, `[...]`, again and again.
    fn members(&mut self) -> Scanned<()> {
        loop {
            let end = self.at;
            self.space();
            match self.byte(0) {
                Some(b'?') if self.byte(1) == Some(b'.') => self.member(2)?,
                Some(b'.') => self.member(1)?,
                Some(b'(') => self.brackets()?,
                Some(b'[') => self.filled_brackets()?,
                _ => {
                    self.at = end;
                    return Ok(());
                }
            }
        }
    }

    fn member(&mut self, sign: usize) -> Scanned<()> {
        self.at += sign;
        self.space();
        let at = self.at;
        if self.byte(0).is_some_and(|byte| byte.is_ascii_alphabetic()) {
            self.name();
            return Ok(());
        }
        Err(("expected a name behind `.`", Span::new(at, (at + 1).min(self.bytes.len()))))
    }

    /// Skips brackets in which something stands.
    fn filled_brackets(&mut self) -> Scanned<()> {
        let start = self.at;
        self.brackets()?;
        let inner = &self.bytes[start + 1..self.at - 1];
        if inner.iter().all(u8::is_ascii_whitespace) {
            return Err(("nothing stands in the brackets", Span::new(start, self.at)));
        }
        Ok(())
    }

    /// Skips all to the bracket that closes the one here.
    fn brackets(&mut self) -> Scanned<()> {
        let start = self.at;
        let mut closing = Vec::new();
        while let Some(byte) = self.byte(0) {
            match byte {
                b'(' => closing.push(b')'),
                b'[' => closing.push(b']'),
                b'{' => closing.push(b'}'),
                b')' | b']' | b'}' if closing.pop() != Some(byte) => break,
                b')' | b']' | b'}' if closing.is_empty() => {
                    self.at += 1;
                    return Ok(());
                }
                b'\'' => {
                    self.quoted()?;
                    continue;
                }
                b'/' if matches!(self.byte(1), Some(b'/' | b'*')) => {
                    self.space();
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
        Err(("the bracket is not closed", Span::new(start, start + 1)))
    }

    /// Takes an operator between two operands.
    fn operator(&mut self) -> bool {
        const SIGNS: [&[u8]; 19] = [
            b"==", b"!=", b"<=", b">=", b"<<", b">>", b"&&", b"||", b"??", b"+", b"-", b"*", b"/",
            b"%", b"&", b"|", b"^", b"<", b">",
        ];
        match SIGNS.iter().find(|sign| self.starts_with(sign)) {
            Some(sign) => {
                self.at += sign.len();
                true
            }
            None => false,
        }
    }
}
