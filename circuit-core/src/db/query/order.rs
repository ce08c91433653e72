//! Sort keys.

use std::cmp::Ordering;

use super::operand::Operand;
use crate::db::filter::total_order;
use crate::value::Value;

/// Which way an order runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Smallest first.
    #[default]
    Ascending,
    /// Largest first.
    Descending,
}

/// Where records without a value stand in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Nulls {
    /// Before all others; the default in both directions, as in SOQL.
    #[default]
    First,
    /// After all others.
    Last,
}

/// One sort key.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderBy {
    /// By what.
    pub operand: Operand,
    /// Which way.
    pub direction: Direction,
    /// Where nulls stand.
    pub nulls: Nulls,
}

impl OrderBy {
    /// Orders by a field, smallest first, nulls first.
    pub fn ascending(field: impl AsRef<str>) -> Self {
        Self::by(Operand::field(field))
    }

    /// Orders by a field, largest first, nulls first.
    pub fn descending(field: impl AsRef<str>) -> Self {
        Self { direction: Direction::Descending, ..Self::ascending(field) }
    }

    /// Orders by anything, smallest first, nulls first.
    pub fn by(operand: Operand) -> Self {
        Self { operand, direction: Direction::Ascending, nulls: Nulls::First }
    }

    /// Puts records without a value last.
    #[must_use]
    pub fn nulls_last(mut self) -> Self {
        self.nulls = Nulls::Last;
        self
    }

    /// Returns the order of two values of this key.
    pub(in crate::db) fn compare(&self, a: Option<&Value>, b: Option<&Value>) -> Ordering {
        let present = |value: Option<&Value>| value.is_some_and(|value| !value.is_null());
        match (present(a), present(b)) {
            (true, true) => {
                let order = total_order(a, b);
                if self.direction == Direction::Ascending { order } else { order.reverse() }
            }
            (a, b) => {
                let nulls_last = a.cmp(&b).reverse();
                if self.nulls == Nulls::Last { nulls_last } else { nulls_last.reverse() }
            }
        }
    }
}
