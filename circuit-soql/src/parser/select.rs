//! What is selected.

use super::query::Place;
use super::{Parsed, Parser};
use crate::ast::{Expression, FieldSet, Name, Path, SelectItem, Selected, TypeOf, When};
use crate::error::{Error, ErrorKind};
use crate::lexer::{Kind, Token};
use crate::span::Span;
use crate::word::Word;

impl Parser<'_> {
    /// Reads the list behind `SELECT`.
    ///
    /// Salesforce's grammar takes an alias behind `COUNT()` and behind a sub-query, where nothing
    /// can refer to it: it is read and not kept.
    pub(crate) fn select_list(&mut self, place: Place, items: &mut Vec<SelectItem>) -> Parsed<()> {
        loop {
            match self.token.kind {
                Kind::Word(word) if !word.is_reserved() && word != Word::TypeOf => {
                    let token = self.bump();
                    if matches!(self.token.kind, Kind::Comma | Kind::Word(Word::From)) {
                        self.push_field(token, items);
                    } else {
                        items.push(self.selected_from(token)?);
                    }
                }
                _ => items.push(self.select_item(place)?),
            }
            if !self.at(Kind::Comma) {
                break;
            }
            let comma = self.bump();
            if self.at_word(Word::From) {
                let message = "the last field has no `,` behind it";
                self.report(Error::new(ErrorKind::Syntax, message, comma.span()));
                break;
            }
        }
        if items.len() > 1
            && let Some(span) = items.iter().find_map(|item| match item {
                SelectItem::Count(span) => Some(*span),
                _ => None,
            })
        {
            let error = Error::new(ErrorKind::Rule, "COUNT() stands alone behind SELECT", span);
            self.report(error.with_suggestion("COUNT(Id)"));
        }
        Ok(())
    }

    /// Adds a name alone, as most items are. Not inlined: the item is made where it stays then, and
    /// not moved there.
    #[inline(never)]
    fn push_field(&self, token: Token, items: &mut Vec<SelectItem>) {
        let path = Path { names: self.name_from(token).into(), span: token.span() };
        let expression = Expression::Path(path);
        items.push(SelectItem::Expression(Selected { expression, alias: None }));
    }

    fn select_item(&mut self, place: Place) -> Parsed<SelectItem> {
        match self.token.kind {
            Kind::Open => self.sub_query(place),
            Kind::Word(Word::TypeOf) if self.at_type_of() => self.type_of(),
            Kind::Star => {
                let message = "SOQL has no `*`: name the fields";
                let error = Error::new(ErrorKind::Syntax, message, self.token.span());
                let failed = self.report(error.with_suggestion("FIELDS(ALL)"));
                self.bump();
                Err(failed)
            }
            _ => self.selected(),
        }
    }

    /// A field or a function with its alias, `COUNT()`, or `FIELDS(...)`.
    pub(crate) fn selected(&mut self) -> Parsed<SelectItem> {
        let token = self.name_token("a field")?;
        self.selected_from(token)
    }

    /// Reads what stands behind the first token of such an item.
    fn selected_from(&mut self, token: Token) -> Parsed<SelectItem> {
        if self.at(Kind::Open) {
            if token.kind == Kind::Word(Word::Fields) {
                return self.fields(token);
            }
            if self.text(token).eq_ignore_ascii_case("COUNT") && self.peek() == Kind::Close {
                self.bump();
                self.bump();
                let span = self.span_from(token.span());
                self.alias();
                return Ok(SelectItem::Count(span));
            }
        }
        let expression = if self.at(Kind::Open) && token.kind != Kind::Path {
            self.call(token)?
        } else {
            Expression::Path(self.path_from(token)?)
        };
        self.refuse_misplaced(&expression);
        let alias = self.alias();
        if token.kind == Kind::Word(Word::Distinct) && alias.is_some() {
            let message = "SOQL has no DISTINCT: use GROUP BY";
            return Err(self.report(Error::new(ErrorKind::Syntax, message, token.span())));
        }
        Ok(SelectItem::Expression(Selected { expression, alias }))
    }

    /// Reads an alias if one stands here.
    pub(crate) fn alias(&mut self) -> Option<Name> {
        if !self.at_alias() {
            return None;
        }
        let token = self.bump();
        self.alias = Some(token);
        Some(self.name_from(token))
    }

    /// Words that start a clause are aliases only where the clause can't go on behind them.
    fn at_alias(&self) -> bool {
        let Kind::Word(word) = self.token.kind else { return false };
        match word {
            Word::Group | Word::Order | Word::Offset => match self.peek() {
                Kind::Word(Word::By) => false,
                Kind::Word(next) => {
                    next.is_reserved() || matches!(next, Word::Group | Word::Order | Word::Offset)
                }
                next => matches!(next, Kind::Comma | Kind::Close | Kind::End),
            },
            Word::All => self.peek() != Kind::Word(Word::Rows),
            Word::Set => self.peek() != Kind::Word(Word::Options),
            _ => !word.is_reserved(),
        }
    }

    /// `FIELDS(ALL)`; the parenthesis is here.
    fn fields(&mut self, name: Token) -> Parsed<SelectItem> {
        self.bump();
        let set = match self.word() {
            Word::All => FieldSet::All,
            Word::Standard => FieldSet::Standard,
            Word::Custom => FieldSet::Custom,
            _ => return Err(self.unexpected(&["ALL", "STANDARD", "CUSTOM"])),
        };
        self.bump();
        self.expect(Kind::Close, ")")?;
        Ok(SelectItem::Fields(set, self.span_from(name.span())))
    }

    /// A query over a child relationship; the parenthesis is here.
    fn sub_query(&mut self, place: Place) -> Parsed<SelectItem> {
        if self.peek() != Kind::Word(Word::Select) {
            self.bump();
            return Err(self.unexpected(&["SELECT"]));
        }
        let level = match place {
            Place::Top => 1,
            Place::Child(level) => level + 1,
            Place::SemiJoin(_) => {
                let span = self.token.span();
                return Err(self.refuse("a sub-query of WHERE selects exactly one field", span));
            }
        };
        let most = self.most_sub_queries();
        if level > most {
            let message = format!("sub-queries may be nested {most} deep");
            let failed = self.refuse(message, self.token.span());
            self.skip_parentheses();
            return Err(failed);
        }
        let query = self.query_in_parentheses(Place::Child(level))?;
        self.alias();
        Ok(SelectItem::SubQuery(query))
    }

    /// How deep sub-queries may be nested: with the root, five levels since version 58.
    pub(super) fn most_sub_queries(&self) -> usize {
        if self.options.api_version >= 58 { 4 } else { 1 }
    }

    /// Whether `TYPEOF` is the keyword here and not a field of that name.
    fn at_type_of(&self) -> bool {
        match self.peek() {
            Kind::Path => true,
            Kind::Word(word) => !word.is_reserved(),
            _ => false,
        }
    }

    /// `TYPEOF What WHEN Account THEN Phone ELSE Name END`; `TYPEOF` is here.
    fn type_of(&mut self) -> Parsed<SelectItem> {
        let start = self.bump().span();
        let relationship = self.path("a relationship")?;
        let mut branches = Vec::new();
        self.expect_word(Word::When)?;
        loop {
            let object = self.name("an object")?;
            self.expect_word(Word::Then)?;
            let fields = self.type_of_fields()?;
            branches.push(When { object, fields });
            if !self.eat_word(Word::When) {
                break;
            }
        }
        let otherwise = if self.eat_word(Word::Else) { self.type_of_fields()? } else { Vec::new() };
        if !self.at_word(Word::End) {
            let expected: &[_] =
                if otherwise.is_empty() { &["WHEN", "ELSE", "END"] } else { &["END"] };
            return Err(self.unexpected(expected));
        }
        self.bump();
        let span = self.span_from(start);
        Ok(SelectItem::TypeOf(TypeOf { relationship, branches, otherwise, span }))
    }

    fn type_of_fields(&mut self) -> Parsed<Vec<Path>> {
        let mut fields = vec![self.type_of_field()?];
        while self.eat(Kind::Comma) {
            fields.push(self.type_of_field()?);
        }
        Ok(fields)
    }

    fn type_of_field(&mut self) -> Parsed<Path> {
        let path = self.path("a field")?;
        if self.at(Kind::Open) {
            let message = "TYPEOF selects fields, no functions";
            return Err(self.refuse(message, path.span));
        }
        Ok(path)
    }

    /// Refuses what `COUNT()` and `TYPEOF` can't stand beside.
    pub(crate) fn check_select(
        &mut self,
        items: &[SelectItem],
        grouped: Option<Span>,
        ordered: Option<Span>,
    ) {
        for item in items {
            match (item, grouped, ordered) {
                (SelectItem::Count(_), Some(span), _) => {
                    self.refuse("COUNT() can't be grouped: use COUNT(Id)", span);
                }
                (SelectItem::Count(_), _, Some(span)) => {
                    self.refuse("COUNT() can't be ordered: use COUNT(Id)", span);
                }
                (SelectItem::TypeOf(type_of), Some(_), _) => {
                    self.refuse("TYPEOF can't stand beside GROUP BY", type_of.span);
                }
                _ => {}
            }
        }
    }
}
