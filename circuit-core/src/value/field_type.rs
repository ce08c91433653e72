//! The types that a field can be declared with.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use super::{ConversionError, MultiPicklist, Text, Value};
use crate::record::RecordId;

/// The declared type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum FieldType {
    /// Takes every value.
    Any,
    /// [`Value::Boolean`].
    Boolean,
    /// [`Value::Integer`].
    Integer,
    /// [`Value::Decimal`].
    Decimal,
    /// [`Value::Text`].
    Text,
    /// [`Value::Date`].
    Date,
    /// [`Value::DateTime`].
    DateTime,
    /// [`Value::Time`].
    Time,
    /// [`Value::Id`].
    Id,
    /// [`Value::MultiPicklist`].
    MultiPicklist,
    /// [`Value::Json`].
    Json,
}

impl FieldType {
    /// Returns the name of the type for messages, such as `date-time`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "any value",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Text => "text",
            Self::Date => "date",
            Self::DateTime => "date-time",
            Self::Time => "time",
            Self::Id => "id",
            Self::MultiPicklist => "multi-picklist",
            Self::Json => "JSON",
        }
    }

    /// Returns whether the value has this type already; null has every type.
    pub fn admits(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Any, _) | (_, Value::Null) => true,
            _ => self.name() == value.type_name(),
        }
    }

    /// Returns the value in this type where nothing is lost by it: JSON has no dates and no ids.
    ///
    /// # Errors
    /// A [`ConversionError`] that names both types.
    pub fn coerce(self, value: &Value) -> Result<Value, ConversionError> {
        if self.admits(value) {
            return Ok(value.clone());
        }
        let coerced = match (self, value) {
            (Self::Integer, Value::Decimal(n)) if n.is_integer() => n.to_i64().map(Value::Integer),
            (Self::Decimal, Value::Integer(n)) => Some(Value::Decimal(Decimal::from(*n))),
            (Self::DateTime, Value::Date(day)) => {
                day.and_hms_opt(0, 0, 0).map(|at| Value::DateTime(at.and_utc()))
            }
            (Self::Text, Value::Id(id)) => Some(Value::Text(Text::from(id.as_str()))),
            (Self::Json, Value::Text(text)) => {
                Some(Value::Json(Arc::new(serde_json::Value::from(text.as_str()))))
            }
            (_, Value::Text(text)) => self.parse(text),
            _ => None,
        };
        coerced.ok_or(ConversionError { expected: self.name(), found: value.type_name() })
    }

    /// Reads the text forms that the APIs of Salesforce use.
    fn parse(self, text: &str) -> Option<Value> {
        match self {
            Self::Date => text.parse::<NaiveDate>().ok().map(Value::Date),
            Self::DateTime => parse_moment(text).map(Value::DateTime),
            Self::Time => parse_time(text).map(Value::Time),
            Self::Id => text.parse::<RecordId>().ok().map(Value::Id),
            Self::MultiPicklist => Some(Value::MultiPicklist(MultiPicklist::from(text))),
            _ => None,
        }
    }
}

/// Salesforce writes `+0000`, where RFC 3339 wants `+00:00`.
fn parse_moment(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .ok()
        .map(|at| at.with_timezone(&Utc))
}

fn parse_time(text: &str) -> Option<NaiveTime> {
    text.strip_suffix('Z').unwrap_or(text).parse().ok()
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
