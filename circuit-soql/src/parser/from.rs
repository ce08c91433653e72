//! `FROM` and `USING SCOPE`.

use super::{Parsed, Parser};
use crate::ast::{From, Name, Relation, Scope};
use crate::error::{Error, ErrorKind};
use crate::lexer::Kind;
use crate::word::Word;

impl Parser<'_> {
    /// Reads what stands behind `FROM`.
    pub(crate) fn from(&mut self) -> Parsed<From> {
        if matches!(self.word(), Word::Group | Word::Order) && self.peek() == Kind::Word(Word::By) {
            return Err(self.unexpected(&["an object"]));
        }
        let object = self.path("an object")?;
        let alias = self.object_alias()?;
        let mut relations = Vec::new();
        while self.at(Kind::Comma) {
            let comma = self.bump();
            if self.at(Kind::End) || self.word().is_reserved() {
                let message = "the last object has no `,` behind it";
                return Err(self.report(Error::new(ErrorKind::Syntax, message, comma.span())));
            }
            let path = self.path("a relationship")?;
            relations.push(Relation { path, alias: self.object_alias()? });
        }
        Ok(From { object, alias, relations })
    }

    fn object_alias(&mut self) -> Parsed<Option<Name>> {
        if self.eat_word(Word::As) {
            return self.name("an alias").map(Some);
        }
        Ok(self.alias())
    }

    /// Reads what stands behind `USING`.
    pub(crate) fn scope(&mut self) -> Parsed<Scope> {
        self.expect_word(Word::Scope)?;
        Ok(Scope { name: self.name("a scope")? })
    }
}
