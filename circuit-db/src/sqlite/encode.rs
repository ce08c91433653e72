//! Values as SQLite keeps them: in typed columns, or tagged in the JSON column.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use circuit_core::{FieldType, MultiPicklist, ObjectSchema, Record, Text, Value};
use rusqlite::types::{Value as Sql, ValueRef};
use serde_json::json;

const MOMENT: &str = "%Y-%m-%dT%H:%M:%S%.9f";
const TIME: &str = "%H:%M:%S%.9f";

/// Returns the SQL type of a declared field.
pub(super) fn sql_type(field_type: FieldType) -> &'static str {
    match field_type {
        FieldType::Boolean | FieldType::Integer => "INTEGER",
        _ => "TEXT",
    }
}

/// Returns a value as a column of its type holds it; `None` if the column cannot.
pub(super) fn to_column(field_type: FieldType, value: &Value) -> Option<Sql> {
    if field_type == FieldType::Any {
        return Some(if value.is_null() {
            Sql::Null
        } else {
            Sql::Text(tagged(value).to_string())
        });
    }
    if !field_type.admits(value) {
        return None;
    }
    Some(match value {
        Value::Null => Sql::Null,
        Value::Boolean(value) => Sql::Integer((*value).into()),
        Value::Integer(value) => Sql::Integer(*value),
        Value::Text(value) => Sql::Text(value.to_string()),
        Value::Id(value) => Sql::Text(value.to_string()),
        Value::Json(value) => Sql::Text(value.to_string()),
        other => Sql::Text(plain_text(other)?),
    })
}

/// Returns the text of the types whose text sorts as they do, or has a collation that does.
fn plain_text(value: &Value) -> Option<String> {
    Some(match value {
        Value::Decimal(value) => value.to_string(),
        Value::Date(value) => value.to_string(),
        Value::DateTime(value) => value.naive_utc().format(MOMENT).to_string(),
        Value::Time(value) => value.format(TIME).to_string(),
        Value::MultiPicklist(value) => value.to_string(),
        _ => return None,
    })
}

/// Reads a column; `None` if it does not hold a value of its type.
pub(super) fn from_column(field_type: FieldType, column: ValueRef<'_>) -> Option<Value> {
    let text = || column.as_str().ok();
    Some(match (field_type, column) {
        (_, ValueRef::Null) => Value::Null,
        (FieldType::Boolean, ValueRef::Integer(value)) => Value::Boolean(value != 0),
        (FieldType::Integer, ValueRef::Integer(value)) => Value::Integer(value),
        (FieldType::Any, _) => untagged(&serde_json::from_str(text()?).ok()?)?,
        (FieldType::Json, _) => Value::Json(Arc::new(serde_json::from_str(text()?).ok()?)),
        (field_type, _) => from_text(field_type, text()?)?,
    })
}

fn from_text(field_type: FieldType, text: &str) -> Option<Value> {
    Some(match field_type {
        FieldType::Text => Value::Text(text.into()),
        FieldType::Id => Value::Id(text.parse().ok()?),
        FieldType::Decimal => Value::Decimal(text.parse().ok()?),
        FieldType::Date => Value::Date(text.parse::<NaiveDate>().ok()?),
        FieldType::DateTime => {
            Value::DateTime(NaiveDateTime::parse_from_str(text, MOMENT).ok()?.and_utc())
        }
        FieldType::Time => Value::Time(NaiveTime::parse_from_str(text, TIME).ok()?),
        FieldType::MultiPicklist => Value::MultiPicklist(MultiPicklist::from(text)),
        _ => return None,
    })
}

/// Returns the JSON column: each field that has no column of its own, with its exact type.
pub(super) fn rest(record: &Record, schema: Option<&ObjectSchema>) -> Sql {
    let declared = |name: &str| schema.is_some_and(|schema| schema.field(name).is_some());
    let fields: serde_json::Map<String, serde_json::Value> = record
        .iter()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("Id") && !declared(name))
        .map(|(name, value)| (name.to_string(), tagged(value)))
        .collect();
    if fields.is_empty() {
        Sql::Null
    } else {
        Sql::Text(serde_json::Value::Object(fields).to_string())
    }
}

/// Reads the JSON column; `None` if it is not one of ours.
pub(super) fn from_rest(text: &str) -> Option<Vec<(Text, Value)>> {
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).ok()?;
    fields.iter().map(|(name, value)| Some((Text::from(name), untagged(value)?))).collect()
}

/// A value with a letter for its type: JSON alone would make dates and ids text.
pub(super) fn tagged(value: &Value) -> serde_json::Value {
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
pub(super) fn untagged(value: &serde_json::Value) -> Option<Value> {
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
