//! The values of a query's variables.

use std::collections::{BTreeSet, HashSet};
use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use rust_decimal::Decimal;

use crate::record::RecordId;
use crate::value::{FieldValue, MultiPicklist, Text, Value};

/// The value of a variable in a query; it is never part of the text, so there is nothing to escape.
#[derive(Clone, PartialEq)]
pub enum Bind {
    /// One value.
    One(Value),
    /// A list, for `IN` and its like.
    Many(Vec<Value>),
}

impl fmt::Debug for Bind {
    /// Shows no value: these are data of records.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(value) => write!(f, "One({})", value.type_name()),
            Self::Many(values) => write!(f, "Many({} values)", values.len()),
        }
    }
}

/// One value of a variable, or of a list: every field type, and references to the usual ones.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be one value in a query",
    label = "not a value for a query",
    note = "values are those of fields (String, i64, bool, Decimal, NaiveDate, DateTime<Utc>, \
            RecordId, ..), whole numbers, references to them, and Option of them; a list stands \
            behind IN, NOT IN, INCLUDES and EXCLUDES",
    note = "use Decimal for numbers with a fraction: floating-point numbers are not exact"
)]
pub trait BindValue {
    /// Returns the value; null where there is none.
    fn into_bind_value(self) -> Value;
}

/// What a variable of a query can be given: one value, or a list of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of a variable in a query",
    label = "neither a value nor a list of values",
    note = "a variable takes a value (String, i64, bool, Decimal, NaiveDate, DateTime<Utc>, \
            RecordId, ..), a reference to one, an Option of one, or a Vec, slice, array or set",
    note = "collect an iterator first: `ids = ids.collect::<Vec<_>>()`",
    note = "use Decimal for numbers with a fraction: floating-point numbers are not exact"
)]
pub trait IntoBind {
    /// Returns the value or the list.
    fn into_bind(self) -> Bind;
}

/// A list for a variable behind `IN`, `NOT IN`, `INCLUDES` or `EXCLUDES`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a list in a query",
    label = "not a list of values",
    note = "behind IN, NOT IN, INCLUDES and EXCLUDES stands a Vec, slice, array, HashSet or BTreeSet \
            of values; one value is a list too, `[value]`",
    note = "collect an iterator first: `ids = ids.collect::<Vec<_>>()`"
)]
pub trait BindList: IntoBind {}

#[diagnostic::do_not_recommend]
impl<T: FieldValue> BindValue for T {
    fn into_bind_value(self) -> Value {
        self.into_value().unwrap_or_default()
    }
}

#[diagnostic::do_not_recommend]
impl<T: BindValue> IntoBind for T {
    fn into_bind(self) -> Bind {
        Bind::One(self.into_bind_value())
    }
}

impl<T: FieldValue + Clone> BindValue for &Option<T> {
    fn into_bind_value(self) -> Value {
        self.clone().into_bind_value()
    }
}

/// References to field types.
macro_rules! references {
    ($($type:ty),+) => {$(
        impl BindValue for &$type {
            fn into_bind_value(self) -> Value {
                self.clone().into_bind_value()
            }
        }

        impl BindValue for Option<&$type> {
            fn into_bind_value(self) -> Value {
                self.map_or(Value::Null, BindValue::into_bind_value)
            }
        }
    )+};
}

references!(
    bool,
    i64,
    Decimal,
    Text,
    String,
    NaiveDate,
    DateTime<Utc>,
    NaiveTime,
    RecordId,
    MultiPicklist,
    Value
);

impl BindValue for &str {
    fn into_bind_value(self) -> Value {
        Value::from(self)
    }
}

impl BindValue for Option<&str> {
    fn into_bind_value(self) -> Value {
        self.map_or(Value::Null, Value::from)
    }
}

/// Numbers that no field has: literals, and the lengths of lists for `LIMIT`.
macro_rules! numbers {
    ($($type:ty),+) => {$(
        impl BindValue for $type {
            fn into_bind_value(self) -> Value {
                let whole = i64::try_from(self).map(Value::Integer);
                whole.unwrap_or_else(|_| Value::Decimal(Decimal::from(self)))
            }
        }

        impl BindValue for &$type {
            fn into_bind_value(self) -> Value {
                (*self).into_bind_value()
            }
        }
    )+};
}

numbers!(i8, i16, i32, u8, u16, u32, u64, usize, isize);

fn many<T: BindValue>(values: impl IntoIterator<Item = T>) -> Bind {
    Bind::Many(values.into_iter().map(BindValue::into_bind_value).collect())
}

/// Lists, and references to them.
macro_rules! lists {
    ($([$($generic:tt)*] $type:ty;)+) => {$(
        impl<T: BindValue, $($generic)*> IntoBind for $type {
            fn into_bind(self) -> Bind {
                many(self)
            }
        }

        impl<T: BindValue, $($generic)*> BindList for $type {}

        impl<T: BindValue + Clone, $($generic)*> IntoBind for &$type {
            fn into_bind(self) -> Bind {
                many(self.iter().cloned())
            }
        }

        impl<T: BindValue + Clone, $($generic)*> BindList for &$type {}
    )+};
}

lists! {
    [] Vec<T>;
    [const N: usize] [T; N];
    [S] HashSet<T, S>;
    [] BTreeSet<T>;
}

impl<T: BindValue + Clone> IntoBind for &[T] {
    fn into_bind(self) -> Bind {
        many(self.iter().cloned())
    }
}

impl<T: BindValue + Clone> BindList for &[T] {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_and_a_list_are_told_apart() {
        assert_eq!("x".into_bind(), Bind::One(Value::from("x")));
        assert_eq!(5_usize.into_bind(), Bind::One(Value::Integer(5)));
        assert_eq!(None::<String>.into_bind(), Bind::One(Value::Null));
        let list = vec![Value::from("a"), Value::from("b")];
        assert_eq!(vec!["a", "b"].into_bind(), Bind::Many(list.clone()));
        assert_eq!(["a".to_owned(), "b".to_owned()].into_bind(), Bind::Many(list));
        let ids: Vec<RecordId> = Vec::new();
        assert_eq!((&ids).into_bind(), Bind::Many(Vec::new()));
    }

    #[test]
    fn a_number_over_64_bits_becomes_a_decimal() {
        assert_eq!(u64::MAX.into_bind_value(), Value::Decimal(Decimal::from(u64::MAX)));
    }
}
