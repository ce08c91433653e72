//! Values of fields: [`Value`], its parts and its conversions.

mod convert;
mod digits;
mod field_type;
mod json;
mod multi_picklist;
mod text;

pub(crate) use convert::with_one_zero;
pub use convert::{ConversionError, FieldValue};
pub use field_type::FieldType;
pub(crate) use json::{ValueSeed, exact_value};
pub use multi_picklist::MultiPicklist;
pub use text::Text;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use rust_decimal::Decimal;

use crate::record::{Record, RecordId};

/// The value of one field; *absent* is not a value but `None` in [`Record::get`](crate::Record::get).
///
/// Cloning is cheap: no variant copies more than a few words.
///
/// # Examples
/// ```
/// use circuit_core::Value;
///
/// assert_eq!(Value::from("Acme").type_name(), "text");
/// assert_eq!(Value::from(None::<i64>), Value::Null);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum Value {
    /// No value; differs from an absent field.
    #[default]
    Null,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// An exact decimal number of at most 28 digits.
    Decimal(Decimal),
    /// Text.
    Text(Text),
    /// A day, without time zone.
    Date(NaiveDate),
    /// A moment.
    DateTime(DateTime<Utc>),
    /// A time of day, without time zone.
    Time(NaiveTime),
    /// The id of a record: its own or a reference.
    Id(RecordId),
    /// The chosen values of a multi-select picklist.
    MultiPicklist(MultiPicklist),
    /// A JSON array or object. A number with a fraction inside it is a floating-point number.
    Json(Arc<serde_json::Value>),
    /// A parent, in the answer to a query that asked for its fields. No store holds such a value.
    Record(Arc<Record>),
    /// The children, in the answer to a query that asked for them. No store holds such a value.
    Records(Arc<[Record]>),
}

impl Value {
    /// Returns whether this is [`Value::Null`].
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Returns the text of a [`Value::Text`].
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the number of a [`Value::Integer`].
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// Returns the id of a [`Value::Id`].
    pub fn as_id(&self) -> Option<&RecordId> {
        match self {
            Self::Id(id) => Some(id),
            _ => None,
        }
    }

    /// Returns the record of a [`Value::Record`].
    pub fn as_record(&self) -> Option<&Record> {
        match self {
            Self::Record(record) => Some(record),
            _ => None,
        }
    }

    /// Returns the records of a [`Value::Records`].
    pub fn as_records(&self) -> Option<&[Record]> {
        match self {
            Self::Records(records) => Some(records),
            _ => None,
        }
    }

    /// Returns whether this is a parent or children: something that a query found beside the record.
    pub fn is_related(&self) -> bool {
        matches!(self, Self::Record(_) | Self::Records(_))
    }

    /// Returns the name of the type for messages, such as `text`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "boolean",
            Self::Integer(_) => "integer",
            Self::Decimal(_) => "decimal",
            Self::Text(_) => "text",
            Self::Date(_) => "date",
            Self::DateTime(_) => "date-time",
            Self::Time(_) => "time",
            Self::Id(_) => "id",
            Self::MultiPicklist(_) => "multi-picklist",
            Self::Json(_) => "JSON",
            Self::Record(_) => "a record",
            Self::Records(_) => "records",
        }
    }
}
