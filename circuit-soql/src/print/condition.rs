//! Conditions.

use std::fmt;

use super::Printer;
use crate::ast::{Comparison, Condition, Item, LiteralKind, Operator, Right};

impl Printer<'_> {
    pub(crate) fn condition(&mut self, condition: &Condition) -> fmt::Result {
        match condition {
            Condition::And(all) => self.joined(all, "AND "),
            Condition::Or(all) => self.joined(all, "OR "),
            Condition::Not(inner, _) => {
                self.text("NOT ")?;
                self.operand(inner)
            }
            Condition::Compare(comparison) => self.comparison(comparison),
        }
    }

    fn joined(&mut self, all: &[Condition], word: &str) -> fmt::Result {
        for (at, condition) in all.iter().enumerate() {
            if at > 0 {
                self.inner(|printer| printer.line_or(" "))?;
                self.text(word)?;
            }
            self.operand(condition)?;
        }
        Ok(())
    }

    /// A part of a condition: all but comparisons stand in parentheses.
    fn operand(&mut self, condition: &Condition) -> fmt::Result {
        if let Condition::Compare(comparison) = condition {
            return self.comparison(comparison);
        }
        self.text("(")?;
        self.inner(|printer| printer.condition(condition))?;
        self.text(")")
    }

    pub(crate) fn comparison(&mut self, comparison: &Comparison) -> fmt::Result {
        self.expression(&comparison.left)?;
        self.text(" ")?;
        self.text(comparison.operator.text())?;
        self.text(" ")?;
        match &comparison.right {
            Right::Literal(literal) => match (&literal.kind, comparison.operator) {
                (LiteralKind::Text(pattern), Operator::Like) => self.pattern(pattern),
                _ => self.literal(literal),
            },
            Right::Bind(bind) => self.bind(bind),
            Right::List(items, _) => {
                self.text("(")?;
                self.list(items, Self::member)?;
                self.text(")")
            }
            Right::Query(query) => self.inner(|printer| printer.sub_query(query)),
        }
    }

    pub(crate) fn member(&mut self, item: &Item) -> fmt::Result {
        match item {
            Item::Literal(literal) => self.literal(literal),
            Item::Bind(bind) => self.bind(bind),
        }
    }
}
