//! The clauses at the end: `LIMIT`, `OFFSET`, `FOR`, `UPDATE`, `ALL ROWS`.

use super::query::Place;
use super::text::TextUse;
use super::{Failed, Parsed, Parser};
use crate::ast::{Count, For, SetOption, SetOptions, Update};
use crate::error::{Error, ErrorKind};
use crate::lexer::{Kind, Token};
use crate::word::Word;

/// The most records that `OFFSET` skips.
const MOST_OFFSET: u32 = 2000;

impl Parser<'_> {
    /// Reads what stands behind `LIMIT`.
    pub(crate) fn limit(&mut self) -> Parsed<Count> {
        let count = self.count("LIMIT")?;
        if self.at(Kind::Comma) {
            let message = "LIMIT takes one number; OFFSET skips records";
            return Err(self.report(Error::new(ErrorKind::Syntax, message, self.token.span())));
        }
        Ok(count)
    }

    /// Reads what stands behind `OFFSET`.
    pub(crate) fn offset(&mut self) -> Parsed<Count> {
        let count = self.count("OFFSET")?;
        if let Count::Number(number, span) = count
            && number > MOST_OFFSET
        {
            self.refuse(format!("OFFSET is at most {MOST_OFFSET}"), span);
        }
        Ok(count)
    }

    fn count(&mut self, clause: &str) -> Parsed<Count> {
        if self.at(Kind::Colon) {
            return Ok(Count::Bind(Box::new(self.bind()?)));
        }
        let start = self.token.span();
        let negative = self.at(Kind::Minus);
        if negative || self.at(Kind::Plus) {
            self.bump();
        }
        if !self.at(Kind::Number) {
            return Err(self.unexpected(&["a number"]));
        }
        let token = self.bump();
        let span = self.span_from(start);
        let number = self.text(token).parse::<u32>().ok();
        if let Some(number) = number.filter(|n| !negative && i32::try_from(*n).is_ok()) {
            return Ok(Count::Number(number, span));
        }
        self.refuse(format!("{clause} takes a whole number from 0 to {}", i32::MAX), span);
        Ok(Count::Number(0, span))
    }

    /// Reads what stands behind `FOR`.
    pub(crate) fn purpose(&mut self, place: Place, before: &mut Vec<For>) -> Parsed<()> {
        loop {
            let purpose = match self.word() {
                Word::View => For::View,
                Word::Reference => For::Reference,
                Word::Update => For::Update,
                _ => return Err(self.unexpected(&["VIEW", "REFERENCE", "UPDATE"])),
            };
            let token = self.bump();
            if purpose == For::Update && place != Place::Top {
                self.refuse("FOR UPDATE can't stand in a sub-query", token.span());
            }
            if before.contains(&purpose) {
                self.twice(token);
            }
            before.push(purpose);
            if !self.eat(Kind::Comma) {
                return Ok(());
            }
        }
    }

    /// Reads what stands behind `UPDATE`.
    pub(crate) fn update(&mut self) -> Parsed<Vec<Update>> {
        let mut all = Vec::new();
        loop {
            let update = match self.word() {
                Word::Tracking => Update::Tracking,
                Word::ViewStat => Update::ViewStat,
                _ => return Err(self.unexpected(&["TRACKING", "VIEWSTAT"])),
            };
            let token = self.bump();
            if all.contains(&update) {
                self.twice(token);
            }
            all.push(update);
            if !self.eat(Kind::Comma) {
                return Ok(all);
            }
        }
    }

    pub(crate) fn twice(&mut self, token: Token) -> Failed {
        let message = format!("{} stands here twice", self.shown(token));
        self.refuse(message, token.span())
    }

    /// Reads `ROWS` behind `ALL`.
    pub(crate) fn all_rows(&mut self, all: Token, place: Place) -> Parsed<bool> {
        let rows = self.expect_word(Word::Rows)?;
        let span = all.span().to(rows.span());
        if !self.is_apex() {
            self.refuse("ALL ROWS is allowed in Apex only", span);
        } else if place != Place::Top {
            self.refuse("ALL ROWS can't stand in a sub-query", span);
        }
        Ok(true)
    }

    /// Reads `OPTIONS` and what stands behind it.
    pub(crate) fn set_options(&mut self, set: Token, place: Place) -> Parsed<SetOptions> {
        let options = self.expect_word(Word::Options)?;
        if place != Place::Top {
            let span = set.span().to(options.span());
            self.refuse("SET OPTIONS can't stand in a sub-query", span);
        }
        if self.at(Kind::Colon) {
            return Ok(SetOptions::Bind(self.bind()?));
        }
        if self.is_apex() {
            return Err(self.unexpected(&[":"]));
        }
        self.expect(Kind::Open, "(")?;
        let mut all = Vec::new();
        loop {
            let name = self.name("an option")?;
            self.expect(Kind::Eq, "=")?;
            let value = match self.token.kind {
                Kind::Text | Kind::Word(Word::True | Word::False) => {
                    self.literal(TextUse::Plain)?
                }
                _ => return Err(self.unexpected(&["a text", "true", "false"])),
            };
            all.push(SetOption { name, value });
            if !self.eat(Kind::Comma) {
                break;
            }
        }
        if self.eat(Kind::Close) {
            Ok(SetOptions::List(all))
        } else {
            Err(self.unexpected(&[",", ")"]))
        }
    }
}
