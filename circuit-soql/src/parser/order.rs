//! `GROUP BY` and `ORDER BY`.

use super::{Parsed, Parser};
use crate::ast::{Direction, Expression, GroupBy, Grouping, Nulls, OrderBy};
use crate::error::{Error, ErrorKind};
use crate::lexer::Kind;
use crate::span::Span;
use crate::word::Word;

/// The most keys of `ROLLUP` and `CUBE`.
const MOST_KEYS: usize = 3;

impl Parser<'_> {
    /// Reads what stands behind `GROUP`.
    pub(crate) fn group(&mut self, start: Span) -> Parsed<GroupBy> {
        self.expect_word(Word::By)?;
        let grouping = match self.word() {
            Word::Rollup => Grouping::Rollup,
            Word::Cube => Grouping::Cube,
            _ => Grouping::Plain,
        };
        if grouping == Grouping::Plain {
            let keys = self.group_keys()?;
            return Ok(GroupBy { grouping, keys, span: self.span_from(start) });
        }
        self.bump();
        self.expect(Kind::Open, "(")?;
        let keys = self.group_keys()?;
        if !self.eat(Kind::Close) {
            return Err(self.unexpected(&[",", ")"]));
        }
        let span = self.span_from(start);
        if keys.len() > MOST_KEYS {
            self.refuse(format!("at most {MOST_KEYS} keys make subtotals"), span);
        }
        if self.at(Kind::Comma) {
            let message = "ROLLUP and CUBE stand alone behind GROUP BY";
            return Err(self.refuse(message, self.token.span()));
        }
        Ok(GroupBy { grouping, keys, span })
    }

    fn group_keys(&mut self) -> Parsed<Vec<Expression>> {
        let mut keys = Vec::new();
        loop {
            let key = self.expression("a field")?;
            self.refuse_misplaced(&key);
            if let Expression::Call(call) = &key
                && call.function.is_aggregate()
            {
                self.refuse("an aggregate is no key of GROUP BY", call.name);
            }
            keys.push(key);
            if !self.eat(Kind::Comma) {
                return Ok(keys);
            }
        }
    }

    /// Reads what stands behind `ORDER`.
    pub(crate) fn order(&mut self) -> Parsed<Vec<OrderBy>> {
        self.expect_word(Word::By)?;
        let mut keys = Vec::new();
        loop {
            keys.push(self.order_key()?);
            if !self.eat(Kind::Comma) {
                return Ok(keys);
            }
        }
    }

    fn order_key(&mut self) -> Parsed<OrderBy> {
        let expression = self.expression("a field")?;
        self.refuse_misplaced(&expression);
        let direction = match self.word() {
            Word::Asc => Some(Direction::Ascending),
            Word::Desc => Some(Direction::Descending),
            _ => None,
        };
        if direction.is_some() {
            self.bump();
        }
        let mut nulls = None;
        if self.eat_word(Word::Nulls) {
            nulls = match self.word() {
                Word::First => Some(Nulls::First),
                Word::Last => Some(Nulls::Last),
                _ => return Err(self.unexpected(&["FIRST", "LAST"])),
            };
            self.bump();
            if direction.is_none() && matches!(self.word(), Word::Asc | Word::Desc) {
                let message = format!("{} stands in front of NULLS", self.word().text());
                let span = self.token.span();
                return Err(self.report(Error::new(ErrorKind::Syntax, message, span)));
            }
        }
        Ok(OrderBy { expression, direction, nulls })
    }
}
