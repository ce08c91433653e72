//! Values as SQLite keeps them: in typed columns, or tagged in the JSON column.

use std::sync::Arc;

use chrono::NaiveDate;
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
        Value::Date(_) | Value::DateTime(_) => Sql::Text(sortable(plain_text(value)?)),
        other => Sql::Text(plain_text(other)?),
    })
}

/// Years of four digits sort by their text as they are. Later ones get a lead that comes after the
/// digits, earlier ones a number that grows with the year.
fn sortable(text: String) -> String {
    let Some((year, rest)) = signed_year(&text) else { return text };
    let number = year.unsigned_abs();
    if year > 0 { format!(":{number:06}{rest}") } else { format!("-{:06}{rest}", LAST - number) }
}

const LAST: u32 = 999_999;

/// Splits what begins with a sign into the year and the rest.
fn signed_year(text: &str) -> Option<(i32, &str)> {
    if !text.starts_with(['+', '-']) {
        return None;
    }
    let (_, digits) = text.split_at(1);
    let end = 1 + digits.find('-')?;
    Some((text[..end].parse().ok()?, &text[end..]))
}

/// Undoes [`sortable`].
fn plain(text: &str) -> Option<String> {
    let (lead, rest) = text.split_at_checked(1)?;
    let (year, rest) = rest.split_once('-')?;
    let number: u32 = year.parse().ok()?;
    match lead {
        ":" => Some(format!("+{number}-{rest}")),
        // What was written before years were made to sort has the year itself.
        "-" if number > LAST / 2 => Some(format!("-{:04}-{rest}", LAST - number)),
        _ => None,
    }
}

/// Reads a date or a moment of a year of four digits, as nearly all are.
fn usual(field_type: FieldType, text: &str) -> Option<Value> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| {
        bytes.get(from..to)?.iter().try_fold(0_u32, |number, byte| {
            byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0'))
        })
    };
    let year = i32::try_from(number(0, 4)?).ok()?;
    let day = NaiveDate::from_ymd_opt(year, number(5, 7)?, number(8, 10)?)?;
    match (field_type, bytes.len()) {
        (FieldType::Date, 10) => Some(Value::Date(day)),
        (FieldType::DateTime, 29) => {
            let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
            // A leap second is read by the slow way.
            let at = day.and_hms_nano_opt(hour, minute, second, number(20, 29)?)?;
            Some(Value::DateTime(at.and_utc()))
        }
        _ => None,
    }
}

/// Reads the text of a column.
fn read_text(field_type: FieldType, text: &str) -> Option<Value> {
    if !matches!(field_type, FieldType::Date | FieldType::DateTime) {
        return from_text(field_type, text);
    }
    if let Some(value) = usual(field_type, text) {
        return Some(value);
    }
    let plain = plain(text);
    from_text(field_type, plain.as_deref().unwrap_or(text))
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
        (field_type, _) => read_text(field_type, text()?)?,
    })
}

/// Returns the JSON column: each field that has no column of its own, with its exact type.
pub(super) fn rest(record: &Record, schema: Option<&ObjectSchema>) -> Sql {
    crate::tagged::rest(record, schema).map_or(Sql::Null, |fields| Sql::Text(fields.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_all_years_sort_by_their_text_and_are_read_back() {
        let days: Vec<Value> =
            [-262_142, -10_000, -9_999, -2, -1, 0, 1, 999, 2026, 9999, 10_000, 99_999, 262_141]
                .map(|year| Value::Date(NaiveDate::from_ymd_opt(year, 2, 3).unwrap()))
                .to_vec();
        let texts: Vec<String> = days
            .iter()
            .map(|day| match to_column(FieldType::Date, day) {
                Some(Sql::Text(text)) => text,
                other => panic!("{other:?}"),
            })
            .collect();
        assert!(texts.is_sorted(), "{texts:?}");
        for (day, text) in days.iter().zip(&texts) {
            let column = ValueRef::Text(text.as_bytes());
            assert_eq!(from_column(FieldType::Date, column).as_ref(), Some(day), "{text}");
        }
    }

    #[test]
    fn moments_are_read_back_whole() {
        let day = NaiveDate::from_ymd_opt(2016, 12, 31).unwrap();
        for nanos in [0, 1, 999_999_999, 1_500_000_000] {
            let at = Value::DateTime(day.and_hms_nano_opt(23, 59, 59, nanos).unwrap().and_utc());
            let Some(Sql::Text(text)) = to_column(FieldType::DateTime, &at) else { panic!() };
            let column = ValueRef::Text(text.as_bytes());
            assert_eq!(from_column(FieldType::DateTime, column), Some(at), "{text}");
        }
    }

    #[test]
    fn dates_that_an_earlier_version_wrote_are_read() {
        for text in ["+10000-01-02", "-0044-03-15"] {
            let column = ValueRef::Text(text.as_bytes());
            assert_eq!(
                from_column(FieldType::Date, column),
                Some(Value::Date(text.parse().unwrap()))
            );
        }
    }
}
