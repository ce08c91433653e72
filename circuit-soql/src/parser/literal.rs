//! Literals.

use super::text::TextUse;
use super::{Failed, Parsed, Parser};
use crate::ast::{DateLiteral, Literal, LiteralKind, Number, Text};
use crate::error::{Error, ErrorKind};
use crate::lexer::{Kind, Token};
use crate::nearest::nearest;
use crate::word::Word;

impl Parser<'_> {
    /// Reads a literal.
    pub(crate) fn literal(&mut self, usage: TextUse) -> Parsed<Literal> {
        let start = self.token.span();
        let kind = match self.token.kind {
            Kind::Text => {
                let token = self.bump();
                LiteralKind::Text(self.text_value(token, usage)?)
            }
            Kind::Number | Kind::Minus | Kind::Plus => LiteralKind::Number(self.number()?),
            Kind::Date => LiteralKind::Date(self.taken()),
            Kind::DateTime => LiteralKind::DateTime(self.taken()),
            Kind::Time => LiteralKind::Time(self.taken()),
            Kind::Word(word) => self.word_literal(word)?,
            Kind::DoubleQuoted => {
                let failed = self.unexpected(&["a value"]);
                self.bump();
                return Err(failed);
            }
            _ => return Err(self.unexpected(&["a value"])),
        };
        Ok(Literal { kind, span: self.span_from(start) })
    }

    /// Takes the token as it is written.
    fn taken(&mut self) -> Text {
        let token = self.bump();
        self.copied(token)
    }

    /// A number with its sign.
    pub(crate) fn number(&mut self) -> Parsed<Number> {
        let sign = match self.token.kind {
            Kind::Minus => "-",
            Kind::Plus => "+",
            _ => "",
        };
        if !sign.is_empty() {
            self.bump();
        }
        let token = self.expect(Kind::Number, "a number")?;
        if sign.is_empty() {
            return Ok(Number(self.copied(token)));
        }
        Ok(Number(format!("{sign}{}", self.text(token)).into()))
    }

    fn word_literal(&mut self, word: Word) -> Parsed<LiteralKind> {
        let kind = match word {
            Word::Null => LiteralKind::Null,
            Word::True => LiteralKind::Boolean(true),
            Word::False => LiteralKind::Boolean(false),
            _ if word.is_reserved() => return Err(self.unexpected(&["a value"])),
            _ => {
                let token = self.token;
                return match DateLiteral::named(self.text(token)) {
                    Some(word) => self.date_range(word),
                    None => self.currency(token),
                };
            }
        };
        self.bump();
        Ok(kind)
    }

    /// `TODAY`, `LAST_N_DAYS:30`; the word is here.
    fn date_range(&mut self, word: DateLiteral) -> Parsed<LiteralKind> {
        let name = self.bump();
        if !word.takes_number() {
            if self.at(Kind::Colon) {
                let message = format!("`{}` takes no number", word.word());
                let failed = self.refuse(message, self.token.span());
                self.bump();
                self.eat(Kind::Number);
                return Err(failed);
            }
            return Ok(LiteralKind::DateRange { word, n: None });
        }
        if !self.eat(Kind::Colon) {
            let message = format!("`{}` needs a colon and a number", word.word());
            let error = Error::new(ErrorKind::Syntax, message, name.span());
            return Err(self.report(error.with_suggestion(format!("{}:1", word.word()))));
        }
        if !self.at(Kind::Number) {
            return Err(self.unexpected(&["a number"]));
        }
        let token = self.bump();
        match self.text(token).parse::<u32>() {
            Ok(n) if i32::try_from(n).is_ok() => Ok(LiteralKind::DateRange { word, n: Some(n) }),
            _ => {
                let message = format!("`{}` takes a whole number", word.word());
                Err(self.refuse(message, token.span()))
            }
        }
    }

    /// `USD5000`, `EUR12.50`; the word is here, and a fraction may follow it at once.
    fn currency(&mut self, token: Token) -> Parsed<LiteralKind> {
        let text = self.text(token);
        let (code, digits) = text.split_at(text.len().min(3));
        let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
        if !is_code || digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(self.unknown_value(token));
        }
        self.bump();
        let mut amount = digits.to_owned();
        if self.token.start() == token.end() && self.at(Kind::Number) {
            let fraction = self.bump();
            amount.push_str(self.text(fraction));
        }
        Ok(LiteralKind::Currency { code: code.into(), amount: Number(amount.into()) })
    }

    /// A word that is no value: a misspelt date, or a text without its quotes.
    fn unknown_value(&mut self, token: Token) -> Failed {
        let text = self.text(token);
        let message = format!("expected a value, found {}", self.shown(token));
        let error = Error::new(ErrorKind::Syntax, message, token.span());
        let words: Vec<&'static str> = DateLiteral::ALL.iter().map(|word| word.word()).collect();
        let simple = nearest(text, &["null", "true", "false"]).or_else(|| nearest(text, &words));
        let error = match simple {
            Some(meant) => error.with_suggestion(meant),
            None if text.len() <= 40 => error.with_suggestion(format!("'{text}'")),
            None => error,
        };
        let failed = self.report(error.with_expected(&["a value"]));
        self.bump();
        failed
    }
}
