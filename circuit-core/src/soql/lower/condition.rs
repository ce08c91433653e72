//! Conditions as filters.

use circuit_soql::ast::{self, Condition, Item, Operator, Right};

use super::Lower;
use super::literal::Meaning;
use crate::db::{Comparison, Filter, Operand};
use crate::error::{Error, Result};
use crate::soql::Bind;
use crate::value::{Text, Value};

impl Lower<'_, '_> {
    /// Small on the stack, because conditions nest.
    pub(super) fn condition(&self, condition: &Condition) -> Result<Filter> {
        match condition {
            Condition::And(all) => self.conditions(all).map(Filter::And),
            Condition::Or(any) => self.conditions(any).map(Filter::Or),
            Condition::Not(inner, _) => Ok(self.condition(inner)?.negated()),
            Condition::Compare(comparison) => self.comparison(comparison),
        }
    }

    fn conditions(&self, all: &[Condition]) -> Result<Vec<Filter>> {
        all.iter().map(|condition| self.condition(condition)).collect()
    }

    #[inline(never)]
    fn comparison(&self, comparison: &ast::Comparison) -> Result<Filter> {
        let left = self.operand(&comparison.left)?;
        let filter = match comparison.operator {
            Operator::Eq => self.compare(left, Comparison::Eq, &comparison.right)?,
            Operator::Ne => self.compare(left, Comparison::Ne, &comparison.right)?,
            Operator::Lt => self.compare(left, Comparison::Lt, &comparison.right)?,
            Operator::Le => self.compare(left, Comparison::Le, &comparison.right)?,
            Operator::Gt => self.compare(left, Comparison::Gt, &comparison.right)?,
            Operator::Ge => self.compare(left, Comparison::Ge, &comparison.right)?,
            Operator::Like => self.like(&left, &comparison.right)?,
            Operator::In => self.is_in(left, &comparison.right)?,
            Operator::NotIn => self.is_in(left, &comparison.right)?.negated(),
            Operator::Includes => self.includes(left, &comparison.right)?,
            Operator::Excludes => self.includes(left, &comparison.right)?.negated(),
        };
        Ok(filter)
    }

    fn compare(&self, operand: Operand, comparison: Comparison, right: &Right) -> Result<Filter> {
        let meaning = match right {
            Right::Literal(literal) => self.literal(literal).map_err(of(&operand))?,
            Right::Bind(bind) => Meaning::Value(self.one(bind)?.clone()),
            Right::List(..) | Right::Query(_) => {
                return Err(self.invalid("a list is compared with IN or NOT IN"));
            }
        };
        Ok(match meaning {
            Meaning::Value(value) => Filter::Compare { operand, comparison, value },
            Meaning::Period(period) => Filter::Within { operand, comparison, period },
        })
    }

    /// In Apex, a list after LIKE means any of its patterns.
    fn like(&self, operand: &Operand, right: &Right) -> Result<Filter> {
        let patterns = match right {
            Right::Bind(bind) => match self.bind(bind)? {
                Bind::Many(values) => values.clone(),
                Bind::One(value) => vec![value.clone()],
            },
            Right::Literal(literal) => vec![self.value(literal).map_err(of(operand))?],
            Right::List(..) | Right::Query(_) => {
                return Err(self.invalid("LIKE takes one pattern"));
            }
        };
        let mut filters = Vec::with_capacity(patterns.len());
        for pattern in patterns {
            filters.push(match pattern {
                Value::Text(pattern) => Filter::Like { operand: operand.clone(), pattern },
                // Nothing is like no pattern.
                Value::Null => Filter::Or(Vec::new()),
                _ => return Err(self.invalid("a pattern is text").with("field", operand.name())),
            });
        }
        Ok(match <[Filter; 1]>::try_from(filters) {
            Ok([filter]) => filter,
            Err(filters) => Filter::Or(filters),
        })
    }

    fn is_in(&self, operand: Operand, right: &Right) -> Result<Filter> {
        if let Right::Query(query) = right {
            let query = Box::new(self.inner(query).query(query)?);
            return Ok(Filter::InQuery { operand, query });
        }
        let mut values = Vec::new();
        let mut periods = Vec::new();
        for meaning in self.list(&operand, right)? {
            match meaning {
                Meaning::Value(value) => values.push(value),
                Meaning::Period(period) => {
                    let (operand, comparison) = (operand.clone(), Comparison::Eq);
                    periods.push(Filter::Within { operand, comparison, period });
                }
            }
        }
        let list = Filter::In { operand, values };
        if periods.is_empty() {
            return Ok(list);
        }
        periods.push(list);
        Ok(Filter::Or(periods))
    }

    fn includes(&self, operand: Operand, right: &Right) -> Result<Filter> {
        let mut sets = Vec::new();
        for meaning in self.list(&operand, right)? {
            let Meaning::Value(Value::Text(text)) = meaning else {
                let message = "the values of a multi-picklist are text";
                return Err(self.invalid(message).with("field", operand.name()));
            };
            let values = text.split(';').map(str::trim).filter(|value| !value.is_empty());
            let set: Vec<Text> = values.map(Text::from).collect();
            if set.is_empty() {
                let message = "INCLUDES and EXCLUDES take no empty text";
                return Err(self.invalid(message).with("field", operand.name()));
            }
            sets.push(set);
        }
        Ok(Filter::Includes { operand, sets })
    }

    fn list(&self, operand: &Operand, right: &Right) -> Result<Vec<Meaning>> {
        let literal = |literal| self.literal(literal).map_err(of(operand));
        let known = |bind: &ast::Bind| -> Result<Vec<Meaning>> {
            let values = match self.bind(bind)? {
                Bind::Many(values) => values.clone(),
                Bind::One(value) => vec![value.clone()],
            };
            Ok(values.into_iter().map(Meaning::Value).collect())
        };
        match right {
            Right::Literal(own) => Ok(vec![literal(own)?]),
            Right::Bind(bind) => known(bind),
            Right::List(items, _) => {
                let mut all = Vec::with_capacity(items.len());
                for item in items {
                    match item {
                        Item::Literal(own) => all.push(literal(own)?),
                        Item::Bind(bind) => all.push(Meaning::Value(self.one(bind)?.clone())),
                    }
                }
                Ok(all)
            }
            Right::Query(_) => Err(self.invalid("a query gives the list of IN and NOT IN alone")),
        }
    }
}

/// Names in an error the field that the value stands beside.
fn of(operand: &Operand) -> impl Fn(Error) -> Error {
    |error| error.with("field", operand.name())
}
