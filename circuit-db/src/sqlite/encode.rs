//! Values as SQLite keeps them: in typed columns, or tagged in the JSON column.

use std::sync::Arc;

use circuit_core::{FieldType, ObjectSchema, Record, Value};
use rusqlite::types::{Value as Sql, ValueRef};

use crate::tagged::{from_text, plain_text, tagged, untagged};

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

/// Returns the JSON column: each field that has no column of its own, with its exact type.
pub(super) fn rest(record: &Record, schema: Option<&ObjectSchema>) -> Sql {
    crate::tagged::rest(record, schema).map_or(Sql::Null, |fields| Sql::Text(fields.to_string()))
}
