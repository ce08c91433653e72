//! `WITH`.

use super::text::TextUse;
use super::{Parsed, Parser};
use crate::ast::{CategoryFilter, CategoryOperator, Name, With};
use crate::lexer::Kind;
use crate::word::Word;

impl Parser<'_> {
    /// Reads what stands behind `WITH`.
    pub(crate) fn with(&mut self) -> Parsed<With> {
        let word = self.word();
        let next = self.peek();
        match (word, next) {
            (Word::Data, Kind::Word(Word::Category)) => {
                self.bump();
                self.bump();
                Ok(With::DataCategory(self.categories()?))
            }
            (_, Kind::Eq) => self.with_value(),
            (_, Kind::Open) => self.with_parameters(),
            _ => {
                let with = match word {
                    Word::SecurityEnforced => With::SecurityEnforced,
                    Word::UserMode => With::UserMode,
                    Word::SystemMode => With::SystemMode,
                    Word::Data => {
                        self.bump();
                        return Err(self.unexpected(&["CATEGORY"]));
                    }
                    _ => {
                        let expected =
                            ["SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE", "DATA CATEGORY"];
                        return Err(self.unexpected(&expected));
                    }
                };
                self.bump();
                Ok(with)
            }
        }
    }

    /// `UserId = '005...'`.
    fn with_value(&mut self) -> Parsed<With> {
        let name = self.path("a name")?;
        let start = self.bump().start();
        match self.token.kind {
            Kind::Colon => _ = self.bind()?,
            Kind::Text => _ = self.literal(TextUse::Plain)?,
            _ => return Err(self.unexpected(&["a text"])),
        }
        Ok(With::Other { name, value: self.written_from(start) })
    }

    /// `RecordVisibilityContext (maxDescriptorPerRecord = 100, supportsDomains = true)`.
    fn with_parameters(&mut self) -> Parsed<With> {
        let name = self.path("a name")?;
        let start = self.bump().start();
        loop {
            self.name("a parameter")?;
            self.expect(Kind::Eq, "=")?;
            match self.token.kind {
                Kind::Text | Kind::Number | Kind::Word(Word::True | Word::False) => {
                    self.literal(TextUse::Plain)?;
                }
                _ => return Err(self.unexpected(&["a value"])),
            }
            if !self.eat(Kind::Comma) {
                break;
            }
        }
        if !self.eat(Kind::Close) {
            return Err(self.unexpected(&[",", ")"]));
        }
        Ok(With::Other { name, value: self.written_from(start) })
    }

    /// The text from a place to the end of the token before this one.
    fn written_from(&self, start: usize) -> String {
        self.source()[start..self.behind().start()].to_owned()
    }

    pub(crate) fn categories(&mut self) -> Parsed<Vec<CategoryFilter>> {
        let mut filters = Vec::new();
        loop {
            let group = self.name("a group of categories")?;
            let operator = match self.word() {
                Word::At => CategoryOperator::At,
                Word::Above => CategoryOperator::Above,
                Word::Below => CategoryOperator::Below,
                Word::AboveOrBelow => CategoryOperator::AboveOrBelow,
                _ => return Err(self.unexpected(&["AT", "ABOVE", "BELOW", "ABOVE_OR_BELOW"])),
            };
            self.bump();
            let categories = self.category_names()?;
            filters.push(CategoryFilter { group, operator, categories });
            if self.at_word(Word::Or) {
                let message = "data categories are joined with AND only";
                return Err(self.refuse(message, self.token.span()));
            }
            if !self.eat_word(Word::And) {
                return Ok(filters);
            }
        }
    }

    fn category_names(&mut self) -> Parsed<Vec<Name>> {
        if !self.eat(Kind::Open) {
            return Ok(vec![self.name("a category")?]);
        }
        let mut names = vec![self.name("a category")?];
        while self.eat(Kind::Comma) {
            names.push(self.name("a category")?);
        }
        if self.eat(Kind::Close) { Ok(names) } else { Err(self.unexpected(&[",", ")"])) }
    }
}
