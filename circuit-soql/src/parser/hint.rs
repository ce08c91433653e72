//! What is said about a token that can't stand where it stands.

use super::{Failed, Parser};
use crate::error::{Error, ErrorKind};
use crate::lexer::{Kind, Token};
use crate::nearest::nearest;
use crate::span::Span;
use crate::word::Word;

impl Parser<'_> {
    /// Reports that something else is expected here.
    #[cold]
    pub(crate) fn unexpected(&mut self, expected: &[&'static str]) -> Failed {
        let error = self
            .bad(self.token)
            .or_else(|| self.common_mistake())
            .unwrap_or_else(|| self.mismatch(expected));
        self.report(error.with_expected(expected))
    }

    /// The plain error: this is expected, that was found.
    fn mismatch(&self, expected: &[&'static str]) -> Error {
        // An alias that looks like a keyword is the likelier mistake.
        if let Some(alias) = self.last_alias()
            && let Some(meant) = meant(self.text(alias), expected)
        {
            let message = format!("expected {}, found {}", list(expected), self.shown(alias));
            return Error::new(ErrorKind::Syntax, message, alias.span()).with_suggestion(meant);
        }
        let found = self.shown(self.token);
        let message = format!("expected {}, found {found}", list(expected));
        let error = Error::new(ErrorKind::Syntax, message, self.token.span());
        match self.token.kind {
            Kind::Word(_) => match meant(self.text(self.token), expected) {
                Some(meant) => error.with_suggestion(meant),
                None => error,
            },
            _ => error,
        }
    }

    /// How a token is named in a message; long ones are cut.
    pub(crate) fn shown(&self, token: Token) -> String {
        const MOST: usize = 40;
        let text = self.text(token);
        match token.kind {
            Kind::End => "the end of the statement".to_owned(),
            _ if text.len() <= MOST => format!("`{text}`"),
            _ => format!("`{}...`", text.chars().take(MOST).collect::<String>()),
        }
    }

    /// What is wrong with a token that is none.
    fn bad(&self, token: Token) -> Option<Error> {
        let error = |message: &str| Error::new(ErrorKind::Token, message, token.span());
        Some(match token.kind {
            Kind::DoubleEq => error("values are compared with one `=`").with_suggestion("="),
            Kind::DoubleAnd => error("conditions are joined with a word").with_suggestion("AND"),
            Kind::DoubleOr => error("conditions are joined with a word").with_suggestion("OR"),
            Kind::DoubleQuoted => self.double_quoted(token),
            Kind::Unclosed => {
                let start = Span::new(token.start(), token.start() + 1);
                Error::new(ErrorKind::Token, "the text has no closing `'`", start)
            }
            Kind::LineBreak => error("a text has no line break").with_suggestion(r"\n"),
            Kind::OpenComment => {
                let start = Span::new(token.start(), token.start() + 2);
                Error::new(ErrorKind::Token, "the comment has no closing `*/`", start)
            }
            Kind::Comment => error("comments are allowed in Apex only"),
            Kind::BadNumber => {
                error("a number has digits and at most one fraction, such as `-12.5`")
            }
            Kind::BadDate => {
                error("expected a date such as `2026-02-28` or `2026-02-28T10:00:00Z`")
            }
            Kind::NoZone => error("a time needs its zone: `Z` or an offset such as `+01:00`"),
            Kind::NoSuchDate => error("there is no such date or time"),
            Kind::Semicolon => error("a statement has no `;` at its end"),
            Kind::Star => error("expected a name, found `*`").with_suggestion("FIELDS(ALL)"),
            Kind::Character => error(&self.character(token)),
            _ => return None,
        })
    }

    fn double_quoted(&self, token: Token) -> Error {
        let text = self.text(token).trim_matches('"');
        let error = Error::new(ErrorKind::Token, "a text stands in single quotes", token.span());
        if text.len() > 40 || text.contains(['\'', '\\']) {
            return error;
        }
        error.with_suggestion(format!("'{text}'"))
    }

    fn character(&self, token: Token) -> String {
        match self.text(token) {
            "\u{2018}" | "\u{2019}" | "\u{201c}" | "\u{201d}" => {
                "typographic quotes can't enclose a text; use `'`".to_owned()
            }
            "\u{a0}" | "\u{feff}" => "an invisible character that is no space".to_owned(),
            text => format!("unexpected character `{}`", text.escape_debug()),
        }
    }

    /// Words of other languages, with what SOQL has instead.
    fn common_mistake(&self) -> Option<Error> {
        let here = self.token;
        let (word, token) = match (self.word(), self.last_alias()) {
            (Word::Other, Some(alias)) => match alias.kind {
                Kind::Word(word @ (Word::Join | Word::Between | Word::Is)) => (word, alias),
                _ => return None,
            },
            (word, _) => (word, here),
        };
        let error = |message: &str| Error::new(ErrorKind::Syntax, message, token.span());
        match word {
            Word::Join | Word::Inner | Word::Outer | Word::Left | Word::Right => {
                Some(error("SOQL has no joins; name fields of parents: `Account.Name`"))
            }
            Word::Between => Some(error("SOQL has no BETWEEN; use `>=` and `<=`")),
            Word::Is => Some(error("SOQL has no IS").with_suggestion("= null")),
            _ => None,
        }
    }
}

/// What was meant: the nearest word, or the word that the next one is glued to.
fn meant(text: &str, expected: &[&'static str]) -> Option<String> {
    if let Some(meant) = nearest(text, expected) {
        return Some(meant.to_owned());
    }
    expected.iter().find_map(|word| {
        let glued = text.get(..word.len())?.eq_ignore_ascii_case(word);
        let rest = &text[word.len()..];
        (glued && word.len() > 3 && !rest.is_empty()).then(|| format!("{word} {rest}"))
    })
}

/// The most words that a message lists.
const MOST_SHOWN: usize = 4;

/// Joins what is expected: `a`, `b` or `c`.
fn list(expected: &[&'static str]) -> String {
    let shown: Vec<String> = expected.iter().map(|name| quoted(name)).collect();
    match shown.as_slice() {
        [] => "something else".to_owned(),
        [one] => one.clone(),
        all if all.len() > MOST_SHOWN => "another clause or the end".to_owned(),
        [all @ .., last] => format!("{} or {last}", all.join(", ")),
    }
}

/// Keywords and signs stand in quotes, descriptions do not.
fn quoted(name: &str) -> String {
    let plain = name.starts_with("a ") || name.starts_with("an ") || name.starts_with("the ");
    if plain { name.to_owned() } else { format!("`{name}`") }
}
