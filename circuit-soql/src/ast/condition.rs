//! Conditions: `WHERE` and `HAVING`.

use super::{Bind, Expression, Literal, Query};
use crate::span::Span;

/// A condition on a record, or on a group of records.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Condition {
    /// All of these, at least two.
    And(Vec<Self>),
    /// One of these at least, at least two.
    Or(Vec<Self>),
    /// Not this.
    Not(Box<Self>, Span),
    /// One comparison.
    Compare(Box<Comparison>),
}

/// One comparison: `Name LIKE 'A%'`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Comparison {
    /// What is compared.
    pub left: Expression,
    /// How.
    pub operator: Operator,
    /// With what.
    pub right: Right,
    /// Where the comparison stands.
    pub span: Span,
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `=`.
    Eq,
    /// `!=` or `<>`.
    Ne,
    /// `<`.
    Lt,
    /// `<=`.
    Le,
    /// `>`.
    Gt,
    /// `>=`.
    Ge,
    /// `LIKE`.
    Like,
    /// `IN`.
    In,
    /// `NOT IN`.
    NotIn,
    /// `INCLUDES`.
    Includes,
    /// `EXCLUDES`.
    Excludes,
}

/// The right side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Right {
    /// One literal.
    Literal(Literal),
    /// A variable: one value, or a list after `IN`, `INCLUDES` and their negations.
    Bind(Bind),
    /// A list in parentheses, never empty; only after `IN`, `INCLUDES` and their negations.
    List(Vec<Item>, Span),
    /// A query that gives the list: a semi-join, an anti-join.
    Query(Box<Query>),
}

/// One value of a list in parentheses.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Item {
    /// A literal.
    Literal(Literal),
    /// A variable.
    Bind(Bind),
}

impl Condition {
    /// Returns where the condition stands, without the parentheses around it.
    pub fn span(&self) -> Span {
        match self {
            Self::And(all) | Self::Or(all) => match (all.first(), all.last()) {
                (Some(first), Some(last)) => first.span().to(last.span()),
                _ => Span::default(),
            },
            Self::Not(_, span) => *span,
            Self::Compare(comparison) => comparison.span,
        }
    }
}

impl Operator {
    /// Returns the operator as it is printed.
    pub fn text(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::Like => "LIKE",
            Self::In => "IN",
            Self::NotIn => "NOT IN",
            Self::Includes => "INCLUDES",
            Self::Excludes => "EXCLUDES",
        }
    }
}
