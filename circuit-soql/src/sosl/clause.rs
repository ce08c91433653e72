//! `WITH` of SOSL.

use super::tree::SearchWith;
use crate::ast::{Item, LiteralKind};
use crate::lexer::Kind;
use crate::parser::{Parsed, Parser, TextUse};
use crate::word::Word;

impl Parser<'_> {
    /// Reads what stands behind `WITH`.
    pub(super) fn search_with(&mut self) -> Parsed<SearchWith> {
        let with = match self.word() {
            Word::Data => {
                self.bump();
                self.expect_word(Word::Category)?;
                return Ok(SearchWith::DataCategory(self.categories()?));
            }
            Word::UserMode => SearchWith::UserMode,
            Word::SystemMode => SearchWith::SystemMode,
            _ if self.at_name("HIGHLIGHT") => SearchWith::Highlight,
            _ => return self.with_setting(),
        };
        self.bump();
        Ok(with)
    }

    /// A setting with a value.
    fn with_setting(&mut self) -> Parsed<SearchWith> {
        const NAMES: &[&str] = &[
            "DATA CATEGORY",
            "DIVISION",
            "HIGHLIGHT",
            "METADATA",
            "NETWORK",
            "PricebookId",
            "SNIPPET",
            "SPELL_CORRECTION",
            "USER_MODE",
            "SYSTEM_MODE",
        ];
        if self.eat_name("SNIPPET") {
            self.snippet()
        } else if self.eat_name("NETWORK") {
            self.network()
        } else if self.eat_name("DIVISION") {
            Ok(SearchWith::Division(self.setting()?))
        } else if self.eat_name("METADATA") {
            Ok(SearchWith::Metadata(self.setting()?))
        } else if self.eat_name("PRICEBOOKID") {
            Ok(SearchWith::Pricebook(self.setting()?))
        } else if self.eat_name("SPELL_CORRECTION") {
            self.spell_correction()
        } else {
            Err(self.unexpected(NAMES))
        }
    }

    /// `= 'value'`.
    fn setting(&mut self) -> Parsed<Item> {
        self.expect(Kind::Eq, "=")?;
        self.setting_value()
    }

    fn setting_value(&mut self) -> Parsed<Item> {
        match self.token.kind {
            Kind::Colon => Ok(Item::Bind(self.bind()?)),
            Kind::Text => Ok(Item::Literal(self.literal(TextUse::Plain)?)),
            _ => Err(self.unexpected(&["a text"])),
        }
    }

    fn network(&mut self) -> Parsed<SearchWith> {
        if !self.eat_word(Word::In) {
            return Ok(SearchWith::Network(vec![self.setting()?]));
        }
        self.expect(Kind::Open, "(")?;
        let mut all = vec![self.setting_value()?];
        while self.eat(Kind::Comma) {
            all.push(self.setting_value()?);
        }
        if self.eat(Kind::Close) {
            Ok(SearchWith::Network(all))
        } else {
            Err(self.unexpected(&[",", ")"]))
        }
    }

    fn snippet(&mut self) -> Parsed<SearchWith> {
        if !self.eat(Kind::Open) {
            return Ok(SearchWith::Snippet(None));
        }
        if !self.eat_name("TARGET_LENGTH") {
            return Err(self.unexpected(&["target_length"]));
        }
        self.expect(Kind::Eq, "=")?;
        let token = self.expect(Kind::Number, "a number")?;
        let Ok(length) = self.text(token).parse() else {
            return Err(self.refuse("a length is a whole number", token.span()));
        };
        self.expect(Kind::Close, ")")?;
        Ok(SearchWith::Snippet(Some(length)))
    }

    fn spell_correction(&mut self) -> Parsed<SearchWith> {
        self.expect(Kind::Eq, "=")?;
        if !matches!(self.word(), Word::True | Word::False) {
            return Err(self.unexpected(&["true", "false"]));
        }
        let literal = self.literal(TextUse::Plain)?;
        Ok(SearchWith::SpellCorrection(literal.kind == LiteralKind::Boolean(true)))
    }
}
