//! Values as JSON with a letter for their type: JSON alone would make dates and ids text.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use circuit_core::{FieldType, MultiPicklist, ObjectSchema, Record, Text, Value};
use rust_decimal::Decimal;
use serde_json::json;

const MOMENT: &str = "%Y-%m-%dT%H:%M:%S%.9f";
const TIME: &str = "%H:%M:%S%.9f";

/// Returns the text of the types whose text sorts as they do, or has a collation that does.
pub(crate) fn plain_text(value: &Value) -> Option<String> {
    Some(match value {
        Value::Decimal(value) => value.to_string(),
        Value::Date(value) => value.to_string(),
        Value::DateTime(value) => value.naive_utc().format(MOMENT).to_string(),
        Value::Time(value) => value.format(TIME).to_string(),
        Value::MultiPicklist(value) => value.to_string(),
        _ => return None,
    })
}

/// Reads what [`plain_text`] wrote, and text and ids as they are; `None` for a number of more digits
/// than a decimal holds, as a sum can have.
pub(crate) fn from_text(field_type: FieldType, text: &str) -> Option<Value> {
    Some(match field_type {
        FieldType::Text => Value::Text(text.into()),
        FieldType::Id => Value::Id(text.parse().ok()?),
        FieldType::Decimal => Value::Decimal(Decimal::from_str_exact(text).ok()?),
        FieldType::Date => Value::Date(text.parse::<NaiveDate>().ok()?),
        FieldType::DateTime => {
            Value::DateTime(NaiveDateTime::parse_from_str(text, MOMENT).ok()?.and_utc())
        }
        FieldType::Time => Value::Time(NaiveTime::parse_from_str(text, TIME).ok()?),
        FieldType::MultiPicklist => Value::MultiPicklist(MultiPicklist::from(text)),
        _ => return None,
    })
}

/// Returns the fields that have no column of their own, each with its exact type.
pub(crate) fn rest(record: &Record, schema: Option<&ObjectSchema>) -> Option<serde_json::Value> {
    let declared = |name: &str| schema.is_some_and(|schema| schema.field(name).is_some());
    let fields: serde_json::Map<String, serde_json::Value> = record
        .iter()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("Id") && !declared(name))
        .map(|(name, value)| (name.to_string(), tagged(value)))
        .collect();
    (!fields.is_empty()).then_some(serde_json::Value::Object(fields))
}

/// Reads what [`rest`] returned; `None` if it is not ours.
pub(crate) fn from_rest(text: &str) -> Option<Vec<(Text, Value)>> {
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).ok()?;
    fields.iter().map(|(name, value)| Some((Text::from(name), untagged(value)?))).collect()
}

/// Returns a value as JSON, tagged where JSON has no such type.
pub(crate) fn tagged(value: &Value) -> serde_json::Value {
    match value {
        Value::Boolean(value) => json!(value),
        Value::Integer(value) => json!(value),
        Value::Text(value) => json!(value),
        Value::Id(value) => json!(["I", value]),
        Value::Json(value) => json!(["J", **value]),
        Value::Decimal(_) => json!(["N", plain_text(value)]),
        Value::Date(_) => json!(["D", plain_text(value)]),
        Value::DateTime(_) => json!(["M", plain_text(value)]),
        Value::Time(_) => json!(["T", plain_text(value)]),
        Value::MultiPicklist(_) => json!(["P", plain_text(value)]),
        _ => serde_json::Value::Null,
    }
}

/// Reads a tagged value back.
pub(crate) fn untagged(value: &serde_json::Value) -> Option<Value> {
    Some(match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Boolean(*value),
        serde_json::Value::Number(value) => Value::Integer(value.as_i64()?),
        serde_json::Value::String(value) => Value::Text(value.into()),
        serde_json::Value::Array(pair) => {
            let [tag, value] = pair.as_slice() else {
                return None;
            };
            let field_type = match tag.as_str()? {
                "J" => return Some(Value::Json(Arc::new(value.clone()))),
                "I" => FieldType::Id,
                "N" => FieldType::Decimal,
                "D" => FieldType::Date,
                "M" => FieldType::DateTime,
                "T" => FieldType::Time,
                "P" => FieldType::MultiPicklist,
                _ => return None,
            };
            from_text(field_type, value.as_str()?)?
        }
        serde_json::Value::Object(_) => return None,
    })
}
