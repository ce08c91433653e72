//! Literals.

use std::fmt;

use super::Printer;
use crate::ast::{Literal, LiteralKind};

impl Printer<'_> {
    pub(crate) fn literal(&mut self, literal: &Literal) -> fmt::Result {
        match &literal.kind {
            LiteralKind::Null => self.text("null"),
            LiteralKind::Boolean(true) => self.text("true"),
            LiteralKind::Boolean(false) => self.text("false"),
            LiteralKind::Text(text) => self.quoted(text),
            LiteralKind::Number(number) => self.short(&number.0),
            LiteralKind::Currency { code, amount } => {
                self.short(code)?;
                self.short(&amount.0)
            }
            LiteralKind::Date(text) | LiteralKind::DateTime(text) | LiteralKind::Time(text) => {
                self.short(text)
            }
            LiteralKind::DateRange { word, n } => {
                self.text(word.word())?;
                match n {
                    Some(n) => {
                        self.text(":")?;
                        self.number(*n)
                    }
                    None => Ok(()),
                }
            }
        }
    }

    pub(crate) fn number(&mut self, number: u32) -> fmt::Result {
        let mut digits = [b'0'; 10];
        let mut start = digits.len();
        let mut rest = number;
        while rest > 0 || start == digits.len() {
            start -= 1;
            digits[start] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        self.text(str::from_utf8(&digits[start..]).unwrap_or_default())
    }

    fn quoted(&mut self, text: &str) -> fmt::Result {
        self.text("'")?;
        self.escaped(text)?;
        self.text("'")
    }

    /// A pattern: the escapes that belong to it are written as they are.
    pub(crate) fn pattern(&mut self, text: &str) -> fmt::Result {
        self.text("'")?;
        let mut rest = text;
        while let Some(at) = rest.find('\\') {
            self.escaped(&rest[..at])?;
            let length = match rest.as_bytes().get(at + 1) {
                Some(b'%' | b'_' | b'\\') => 2,
                _ => 1,
            };
            self.text(if length == 2 { &rest[at..at + 2] } else { "\\\\" })?;
            rest = &rest[at + length..];
        }
        self.escaped(rest)?;
        self.text("'")
    }

    fn escaped(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.bytes().position(|byte| escape(byte).is_some()) {
            self.text(&rest[..at])?;
            self.text(escape(rest.as_bytes()[at]).unwrap_or_default())?;
            rest = &rest[at + 1..];
        }
        self.text(rest)
    }
}

/// How a character is written that can't stand for itself.
fn escape(byte: u8) -> Option<&'static str> {
    match byte {
        b'\'' => Some("\\'"),
        b'\\' => Some("\\\\"),
        b'\n' => Some("\\n"),
        b'\r' => Some("\\r"),
        b'\t' => Some("\\t"),
        8 => Some("\\b"),
        12 => Some("\\f"),
        _ => None,
    }
}
