//! `FROM` and `USING SCOPE`.

use super::text::TextUse;
use super::{Parsed, Parser};
use crate::ast::{From, Lookup, LookupBind, Name, Query, Relation, Scope};
use crate::error::{Error, ErrorKind};
use crate::lexer::{Kind, Token};
use crate::word::Word;

impl Parser<'_> {
    /// Reads what stands behind `FROM`.
    pub(crate) fn from(&mut self, from: &mut From) -> Parsed<()> {
        if matches!(self.word(), Word::Group | Word::Order) && self.peek() == Kind::Word(Word::By) {
            return Err(self.unexpected(&["an object"]));
        }
        self.path_into(&mut from.object, "an object")?;
        from.alias = self.object_alias()?;
        while self.at(Kind::Comma) {
            let comma = self.bump();
            if self.at(Kind::End) || self.word().is_reserved() {
                let message = "the last object has no `,` behind it";
                return Err(self.report(Error::new(ErrorKind::Syntax, message, comma.span())));
            }
            let path = self.path("a relationship")?;
            from.relations.push(Relation { path, alias: self.object_alias()? });
        }
        Ok(())
    }

    fn object_alias(&mut self) -> Parsed<Option<Name>> {
        if self.eat_word(Word::As) {
            return self.name("an alias").map(Some);
        }
        Ok(self.alias())
    }

    /// Reads what stands behind `USING`.
    pub(crate) fn using(&mut self, query: &mut Query) -> Parsed<()> {
        loop {
            let token = self.token;
            if query.scope.is_none() && self.eat_word(Word::Scope) {
                query.scope = Some(Box::new(Scope { name: self.name("a scope")? }));
            } else if query.lookup.is_none() && self.at_word(Word::Lookup) {
                query.lookup = Some(Box::new(self.lookup()?));
            } else if matches!(token.kind, Kind::Word(Word::Scope | Word::Lookup)) {
                return Err(self.twice(token));
            } else {
                return Err(self.unexpected(&["SCOPE"]));
            }
            if !self.eat(Kind::Comma) {
                return Ok(());
            }
        }
    }

    /// Reads `LOOKUP` and what stands behind it.
    pub(crate) fn lookup(&mut self) -> Parsed<Lookup> {
        self.expect_word(Word::Lookup)?;
        let field = self.path("a lookup field")?;
        let binds = if self.eat_word(Word::Bind) { self.lookup_binds()? } else { Vec::new() };
        Ok(Lookup { field, binds })
    }

    /// Reads what stands behind `BIND`.
    pub(crate) fn lookup_binds(&mut self) -> Parsed<Vec<LookupBind>> {
        let mut binds = Vec::new();
        loop {
            let field = self.name("a field")?;
            self.expect(Kind::Eq, "=")?;
            binds.push(LookupBind { field, value: self.literal(TextUse::Plain)? });
            if !self.eat(Kind::Comma) {
                return Ok(binds);
            }
        }
    }

    /// Reads what stands behind `BIND` at the end of a query.
    pub(crate) fn late_binds(&mut self, bind: Token, query: &mut Query) -> Parsed<()> {
        let binds = self.lookup_binds()?;
        match &mut query.lookup {
            Some(lookup) if lookup.binds.is_empty() => {
                lookup.binds = binds;
                Ok(())
            }
            Some(_) => Err(self.twice(bind)),
            None => Err(self.refuse("BIND needs USING LOOKUP", bind.span())),
        }
    }
}
