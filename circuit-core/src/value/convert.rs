//! From Rust types to values and back.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use rust_decimal::Decimal;

use super::{FieldType, MultiPicklist, Text, Value};
use crate::record::RecordId;

/// A value has another type than the one asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConversionError {
    /// The type that was asked for.
    pub expected: &'static str,
    /// The type that is there.
    pub found: &'static str,
}

impl fmt::Display for ConversionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, found {}", self.expected, self.found)
    }
}

impl std::error::Error for ConversionError {}

/// A Rust type that a field of a struct can have.
///
/// `None` of an `Option` is *absent*: an update leaves the field alone. `Option<Option<T>>` tells
/// absent (`None`) from null (`Some(None)`), as `diesel` does for its change sets.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of a record",
    label = "not a field type",
    note = "field types are String, Text, i64, bool, Decimal, NaiveDate, NaiveTime, DateTime<Utc>, \
            RecordId, MultiPicklist, serde_json::Value, Value, and Option of these",
    note = "use Decimal for numbers with a fraction: floating-point numbers are not exact"
)]
pub trait FieldValue: Sized {
    /// The type with which such a field is declared.
    const TYPE: FieldType;

    /// Whether an absent field cannot be read; false for `Option`.
    const REQUIRED: bool = true;

    /// Reads a field; `None` is an absent one.
    ///
    /// # Errors
    /// A [`ConversionError`] if the value has another type.
    fn from_value(value: Option<&Value>) -> Result<Self, ConversionError>;

    /// Writes a field; `None` is an absent one.
    fn into_value(self) -> Option<Value>;
}

impl<T: FieldValue> FieldValue for Option<T> {
    const TYPE: FieldType = T::TYPE;
    const REQUIRED: bool = false;

    fn from_value(value: Option<&Value>) -> Result<Self, ConversionError> {
        match value {
            None => Ok(None),
            Some(Value::Null) => Ok(T::from_value(Some(&Value::Null)).ok()),
            value => T::from_value(value).map(Some),
        }
    }

    fn into_value(self) -> Option<Value> {
        self.map(|inner| inner.into_value().unwrap_or(Value::Null))
    }
}

impl FieldValue for Value {
    const TYPE: FieldType = FieldType::Any;
    const REQUIRED: bool = false;

    fn from_value(value: Option<&Value>) -> Result<Self, ConversionError> {
        Ok(value.cloned().unwrap_or_default())
    }

    fn into_value(self) -> Option<Value> {
        Some(self)
    }
}

/// Returns zero for minus zero, and any other number as it is: a store knows one zero.
pub(crate) fn with_one_zero(mut number: Decimal) -> Decimal {
    if number.is_zero() {
        number.set_sign_positive(true);
    }
    number
}

/// One row per type: the variant, and how to take the value out of it without loss.
macro_rules! field_values {
    ($($type:ty, $kind:ident, |$bound:ident| $read:expr, |$own:ident| $write:expr;)+) => {$(
        impl FieldValue for $type {
            const TYPE: FieldType = FieldType::$kind;

            fn from_value(value: Option<&Value>) -> Result<Self, ConversionError> {
                if let Some(Value::$kind($bound)) = value {
                    return Ok($read);
                }
                match coerced(FieldType::$kind, value)? {
                    Value::$kind(value) => { let $bound = &value; Ok($read) }
                    other => Err(ConversionError {
                        expected: FieldType::$kind.name(),
                        found: other.type_name(),
                    }),
                }
            }

            fn into_value(self) -> Option<Value> {
                let $own = self;
                Some(Value::$kind($write))
            }
        }

        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                let $own = value;
                Self::$kind($write)
            }
        }
    )+};
}

field_values! {
    bool, Boolean, |v| *v, |v| v;
    i64, Integer, |v| *v, |v| v;
    Decimal, Decimal, |v| *v, |v| with_one_zero(v);
    Text, Text, |v| v.clone(), |v| v;
    String, Text, |v| v.as_str().to_owned(), |v| v.into();
    NaiveDate, Date, |v| *v, |v| v;
    DateTime<Utc>, DateTime, |v| *v, |v| v;
    NaiveTime, Time, |v| *v, |v| v;
    RecordId, Id, |v| v.clone(), |v| v;
    MultiPicklist, MultiPicklist, |v| v.clone(), |v| v;
    serde_json::Value, Json, |v| v.as_ref().clone(), |v| Arc::new(v);
}

#[cold]
fn coerced(kind: FieldType, value: Option<&Value>) -> Result<Value, ConversionError> {
    match value {
        None => Err(ConversionError { expected: kind.name(), found: "an absent field" }),
        Some(value) => kind.coerce(value),
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<&RecordId> for Value {
    fn from(id: &RecordId) -> Self {
        Self::Id(id.clone())
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Self::Integer(number.into())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_double_option_tells_absent_from_null() {
        type Twice = Option<Option<i64>>;
        assert_eq!(Twice::from_value(None), Ok(None));
        assert_eq!(Twice::from_value(Some(&Value::Null)), Ok(Some(None)));
        assert_eq!(Some(None::<i64>).into_value(), Some(Value::Null));
        assert_eq!(None::<Option<i64>>.into_value(), None);
    }

    #[test]
    fn an_option_reads_null_as_none() {
        assert_eq!(Option::<i64>::from_value(Some(&Value::Null)), Ok(None));
    }

    #[test]
    fn a_wrong_type_names_both_types() {
        let error = i64::from_value(Some(&Value::from("x"))).unwrap_err();
        assert_eq!(error.to_string(), "expected integer, found text");
    }

    #[test]
    fn a_whole_decimal_reads_as_integer_and_a_fraction_does_not() {
        let whole = Value::Decimal(Decimal::new(300, 2));
        let fraction = Value::Decimal(Decimal::new(301, 2));
        assert_eq!(i64::from_value(Some(&whole)), Ok(3));
        assert!(i64::from_value(Some(&fraction)).is_err());
    }
}
