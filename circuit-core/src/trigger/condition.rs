//! Conditions on records: which ones a handler is shown.

use std::fmt;

use super::invocation::RowState;
use crate::db::Comparison;
use crate::engine::ChangeEvent;
use crate::event::Operation;
use crate::record::Record;
use crate::value::Value;

/// A condition on the old and the new image of a record, as `when = ...` writes it.
///
/// In an insert or undelete, where there is no old image, a field counts as changed if it has a
/// value. In a delete, `is` looks at the old image.
///
/// # Examples
/// ```
/// use circuit_core::{Condition, Literal};
///
/// const WON: Condition = Condition::ChangedTo("StageName", Literal::Text("Closed Won"));
/// assert_eq!(WON.to_string(), r#"changed_to("StageName", "Closed Won")"#);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Condition {
    /// The field has another value than before.
    Changed(&'static str),
    /// The field has this value and had another.
    ChangedTo(&'static str, Literal),
    /// The field had this value.
    Was(&'static str, Literal),
    /// The field has this value.
    Is(&'static str, Literal),
    /// All of these.
    And(&'static [Self]),
    /// Any of these.
    Or(&'static [Self]),
    /// Not this.
    Not(&'static Self),
}

/// A value written into a condition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Literal {
    /// No value.
    Null,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// The digits of a decimal number.
    Decimal(&'static str),
    /// Text.
    Text(&'static str),
}

impl From<Literal> for Value {
    fn from(literal: Literal) -> Self {
        match literal {
            Literal::Null => Self::Null,
            Literal::Boolean(value) => value.into(),
            Literal::Integer(value) => value.into(),
            // The macro refuses other digits; as text they equal no number, and never null.
            Literal::Decimal(digits) => {
                digits.parse().map_or_else(|_| Self::from(digits), Self::Decimal)
            }
            Literal::Text(value) => value.into(),
        }
    }
}

/// The images of a record that a condition looks at.
pub(crate) struct Images<'a> {
    pub(crate) operation: Operation,
    pub(crate) new: Option<&'a Record>,
    pub(crate) old: Option<&'a Record>,
    /// What is known of a change that somebody else made.
    pub(crate) change: Option<&'a ChangeEvent>,
}

impl<'a> Images<'a> {
    /// The images of a row.
    pub(crate) fn of(operation: Operation, row: &'a RowState) -> Self {
        let change = row.change.as_deref();
        Self { operation, new: row.new.as_ref(), old: row.old.as_ref(), change }
    }
}

impl Condition {
    /// Returns whether the condition asks for old values.
    pub(crate) fn needs_old(&self) -> bool {
        match self {
            Self::Was(..) => true,
            Self::Changed(_) | Self::ChangedTo(..) | Self::Is(..) => false,
            Self::And(all) | Self::Or(all) => all.iter().any(Self::needs_old),
            Self::Not(condition) => condition.needs_old(),
        }
    }

    /// Returns whether a record is shown.
    pub(crate) fn holds(&self, images: &Images<'_>) -> bool {
        match *self {
            Self::Changed(field) => images.changed(field),
            Self::ChangedTo(field, value) => images.changed(field) && images.is(field, value),
            Self::Was(field, value) => images.was(field, value),
            Self::Is(field, value) => images.is(field, value),
            Self::And(all) => all.iter().all(|condition| condition.holds(images)),
            Self::Or(any) => any.iter().any(|condition| condition.holds(images)),
            Self::Not(condition) => !condition.holds(images),
        }
    }
}

impl Images<'_> {
    fn changed(&self, field: &str) -> bool {
        let new = self.new.and_then(|record| record.get(field));
        match self.operation {
            Operation::Update if let Some(known) = self.told(field) => known,
            Operation::Update => {
                let old = self.old.and_then(|record| record.get(field));
                new.unwrap_or(&Value::Null) != old.unwrap_or(&Value::Null)
            }
            Operation::Delete => false,
            Operation::Insert | Operation::Undelete => new.is_some_and(|value| !value.is_null()),
        }
    }

    /// What an event says about a field whose old value nobody knows.
    fn told(&self, field: &str) -> Option<bool> {
        let change = self.change?;
        let known = self.old.is_some_and(|old| old.get(field).is_some());
        (!known).then(|| change.has_changed(field))
    }

    fn is(&self, field: &str, value: Literal) -> bool {
        let record = self.new.or(self.old);
        Comparison::Eq.holds(record.and_then(|record| record.get(field)), &value.into())
    }

    fn was(&self, field: &str, value: Literal) -> bool {
        let old = self.old.and_then(|record| record.get(field));
        Comparison::Eq.holds(old, &value.into())
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, all: &[Self], word: &str| {
            for (i, condition) in all.iter().enumerate() {
                let lead = if i == 0 { "" } else { word };
                match condition {
                    Self::And(_) | Self::Or(_) => write!(f, "{lead}({condition})")?,
                    _ => write!(f, "{lead}{condition}")?,
                }
            }
            Ok(())
        };
        match self {
            Self::Changed(field) => write!(f, "changed({field:?})"),
            Self::ChangedTo(field, value) => write!(f, "changed_to({field:?}, {value})"),
            Self::Was(field, value) => write!(f, "was({field:?}, {value})"),
            Self::Is(field, value) => write!(f, "is({field:?}, {value})"),
            Self::And(all) => list(f, all, " && "),
            Self::Or(any) => list(f, any, " || "),
            Self::Not(condition) => write!(f, "!({condition})"),
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(value) => value.fmt(f),
            Self::Integer(value) => value.fmt(f),
            Self::Decimal(digits) => f.write_str(digits),
            Self::Text(value) => write!(f, "{value:?}"),
        }
    }
}
