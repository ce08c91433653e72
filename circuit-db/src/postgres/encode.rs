//! Values as PostgreSQL keeps them.
//!
//! A declared field has one to three columns, named after it with a letter before:
//!
//! | field | `f_`: the value | `c_`: what is compared | `n_` |
//! | --- | --- | --- | --- |
//! | text | `text` | `text`, in lower case as `compare_text` has it | |
//! | multi-picklist | `text`, joined by `;` | as text | |
//! | id | `text`, as it was given | `text`, `RecordId::key` | |
//! | boolean, integer, decimal, date | `boolean`, `bigint`, `numeric`, `date` | | |
//! | date-time | `timestamptz`, whole microseconds | | `integer`, the nanoseconds left |
//! | time | `time`, whole microseconds | | `integer`, the nanoseconds left |
//! | JSON, any value | `jsonb` (any value: tagged) | | |
//!
//! So text, multi-picklists and ids are compared, sorted and grouped by `c_`, moments and times by
//! the pair `(f_, n_)`, all others by `f_`. Every text column has `COLLATE "C"`: its order is that
//! of the code points. A unique field has `u_` too, the folded key of live records, null in the
//! recycle bin. All columns of a field are null together.
//!
//! Fields without a declaration are in `_rest jsonb`, tagged with their types.

use std::io;
use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Timelike, Utc};
use circuit_core::{FieldType, ObjectSchema, Record, StatusCode, Text, Value};
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use tokio_postgres::Row;

use super::name::hex;
use super::value::Cell;
use crate::tagged::{self, tagged, untagged};

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SqlType {
    Boolean,
    Bigint,
    Integer,
    Numeric,
    Text,
    Date,
    Timestamptz,
    Time,
    Jsonb,
}

impl SqlType {
    /// Returns how a column of this type is declared.
    pub(super) fn declared(self) -> &'static str {
        match self {
            Self::Text => "text COLLATE \"C\"",
            other => other.name(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Bigint => "bigint",
            Self::Integer => "integer",
            Self::Numeric => "numeric",
            Self::Text => "text",
            Self::Date => "date",
            Self::Timestamptz => "timestamptz",
            Self::Time => "time",
            Self::Jsonb => "jsonb",
        }
    }

    /// Returns the type in which values travel to the server.
    pub(super) fn sent(self) -> &'static str {
        match self {
            Self::Numeric | Self::Jsonb => "text",
            other => other.name(),
        }
    }

    /// Returns what turns a value that has travelled into one of the column; empty for nothing.
    pub(super) fn cast(self) -> &'static str {
        match self {
            Self::Numeric => "::numeric",
            Self::Jsonb => "::jsonb",
            _ => "",
        }
    }

    /// Returns the type in which values travel back; empty for the column's own.
    pub(super) fn read(self) -> &'static str {
        match self {
            Self::Numeric | Self::Jsonb => "::text",
            _ => "",
        }
    }
}

/// The columns of a field's type: the letter before the field's name, and the column's type.
pub(super) fn columns(field_type: FieldType) -> &'static [(&'static str, SqlType)] {
    match field_type {
        FieldType::Boolean => &[("f_", SqlType::Boolean)],
        FieldType::Integer => &[("f_", SqlType::Bigint)],
        FieldType::Decimal => &[("f_", SqlType::Numeric)],
        FieldType::Text | FieldType::Id | FieldType::MultiPicklist => {
            &[("f_", SqlType::Text), ("c_", SqlType::Text)]
        }
        FieldType::Date => &[("f_", SqlType::Date)],
        FieldType::DateTime => &[("f_", SqlType::Timestamptz), ("n_", SqlType::Integer)],
        FieldType::Time => &[("f_", SqlType::Time), ("n_", SqlType::Integer)],
        _ => &[("f_", SqlType::Jsonb)],
    }
}

/// Why a value cannot be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    Type,
    Nul,
    Early,
}

impl Unfit {
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::Type | Self::Nul => StatusCode::InvalidType,
            Self::Early => StatusCode::NumberOutsideValidRange,
        }
    }

    pub(super) fn message(self) -> &'static str {
        match self {
            Self::Type => "the column has another type",
            Self::Nul => "PostgreSQL cannot store the character U+0000",
            Self::Early => "PostgreSQL cannot store a date before the year -4712",
        }
    }
}

/// Returns a value as the columns of its field's type; the second is null where there is one only.
pub(super) fn cells(field_type: FieldType, value: &Value) -> Result<(Cell, Cell), Unfit> {
    if field_type == FieldType::Any {
        return Ok((any(value)?, Cell::Null));
    }
    if !field_type.admits(value) {
        return Err(Unfit::Type);
    }
    Ok(match value {
        Value::Null => (Cell::Null, Cell::Null),
        Value::Boolean(value) => (Cell::Boolean(*value), Cell::Null),
        Value::Integer(value) => (Cell::Bigint(*value), Cell::Null),
        Value::Decimal(value) => (Cell::Text(value.to_string()), Cell::Null),
        Value::Text(value) => (text(value)?, Cell::Text(fold(value))),
        Value::MultiPicklist(value) => {
            let joined = value.to_string();
            (text(&joined)?, Cell::Text(fold(&joined)))
        }
        Value::Id(id) => (Cell::Text(id.to_string()), Cell::Text(id.key().to_owned())),
        Value::Date(day) => (date(*day)?, Cell::Null),
        Value::DateTime(at) => moment(*at)?,
        Value::Time(at) => time(*at),
        Value::Json(tree) => (json(tree)?, Cell::Null),
        _ => return Err(Unfit::Type),
    })
}

fn any(value: &Value) -> Result<Cell, Unfit> {
    if value.is_null() { Ok(Cell::Null) } else { json(&tagged(value)) }
}

fn text(value: &str) -> Result<Cell, Unfit> {
    if value.contains('\0') { Err(Unfit::Nul) } else { Ok(Cell::Text(value.to_owned())) }
}

/// Lower-cases as `compare_text` does, so that the bytes of the result sort as it says.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(char::to_lowercase).collect()
}

/// PostgreSQL's calendar begins in November of the year -4713.
fn date(day: NaiveDate) -> Result<Cell, Unfit> {
    if day.year() < -4712 { Err(Unfit::Early) } else { Ok(Cell::Date(day)) }
}

fn moment(at: DateTime<Utc>) -> Result<(Cell, Cell), Unfit> {
    date(at.date_naive())?;
    let (micros, left) = split(at.nanosecond());
    Ok((Cell::Timestamptz(at.with_nanosecond(micros).unwrap_or(at)), Cell::Integer(left)))
}

fn time(at: NaiveTime) -> (Cell, Cell) {
    let (micros, left) = split(at.nanosecond());
    (Cell::Time(at.with_nanosecond(micros).unwrap_or(at)), Cell::Integer(left))
}

/// Splits the nanoseconds of a second into whole microseconds and the rest. A leap second stays in
/// the second before it, so that pairs sort as the moments do.
fn split(nanos: u32) -> (u32, i32) {
    let micros = (nanos / 1_000).min(999_999) * 1_000;
    (micros, i32::try_from(nanos - micros).unwrap_or_default())
}

fn joined(micros: u32, left: i32) -> u32 {
    micros.saturating_add_signed(left)
}

/// Returns the key of a unique field. An entry of an index is at most 2,700 bytes long, so of a
/// longer text the key has the beginning and a digest; its length keeps it apart from short keys.
pub(super) fn unique_key(value: &Value) -> Option<String> {
    const LONGEST: usize = 1_024;

    let key = value.unique_key().filter(|key| !key.contains('\0'))?;
    if key.len() <= LONGEST {
        return Some(key.to_string());
    }
    let mut end = LONGEST;
    while !key.is_char_boundary(end) {
        end -= 1;
    }
    Some(format!("{}~{}", &key[..end], hex(&key, 32)))
}

/// Returns the fields without a column of their own; the name of one that cannot be stored else.
pub(super) fn rest(record: &Record, schema: Option<&ObjectSchema>) -> Result<Cell, (Text, Unfit)> {
    let Some(fields) = tagged::rest(record, schema) else {
        return Ok(Cell::Null);
    };
    json(&fields).map_err(|unfit| {
        let at_fault = |name: &Text, value: &Value| {
            name.contains('\0')
                || (value.as_str().is_some_and(|text| text.contains('\0')))
                || has_nul(&tagged(value))
        };
        let found = record.iter().find(|(name, value)| at_fault(name, value));
        (found.map_or_else(|| "*".into(), |(name, _)| Text::from(name.replace('\0', ""))), unfit)
    })
}

/// Returns JSON as text that `jsonb` gives back with the same numbers.
pub(super) fn json(tree: &serde_json::Value) -> Result<Cell, Unfit> {
    if has_nul(tree) {
        return Err(Unfit::Nul);
    }
    let mut text = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut text, Plain);
    tree.serialize(&mut serializer).map_err(|_| Unfit::Type)?;
    String::from_utf8(text).map(Cell::Text).map_err(|_| Unfit::Type)
}

fn has_nul(tree: &serde_json::Value) -> bool {
    match tree {
        serde_json::Value::String(text) => text.contains('\0'),
        serde_json::Value::Array(list) => list.iter().any(has_nul),
        serde_json::Value::Object(map) => {
            map.iter().any(|(name, value)| name.contains('\0') || has_nul(value))
        }
        _ => false,
    }
}

/// `jsonb` would make `1e16` the integer 10000000000000000; with `.0` it stays a double.
struct Plain;

impl Formatter for Plain {
    fn write_f64<W: io::Write + ?Sized>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        let text = value.to_string();
        writer.write_all(text.as_bytes())?;
        if text.contains('.') { Ok(()) } else { writer.write_all(b".0") }
    }
}

/// Reads the columns of a field from a row; `None` if they do not hold a value of its type.
pub(super) fn decode(field_type: FieldType, row: &Row, at: usize) -> Option<Value> {
    match field_type {
        FieldType::Boolean => optional(row.try_get(at).ok()?, Value::Boolean),
        FieldType::Integer => optional(row.try_get(at).ok()?, Value::Integer),
        FieldType::Date => optional(row.try_get(at).ok()?, Value::Date),
        FieldType::DateTime => {
            let Some(base) = row.try_get::<_, Option<DateTime<Utc>>>(at).ok()? else {
                return Some(Value::Null);
            };
            let left: i32 = row.try_get(at + 1).ok()?;
            base.with_nanosecond(joined(base.nanosecond(), left)).map(Value::DateTime)
        }
        FieldType::Time => {
            let Some(base) = row.try_get::<_, Option<NaiveTime>>(at).ok()? else {
                return Some(Value::Null);
            };
            let left: i32 = row.try_get(at + 1).ok()?;
            base.with_nanosecond(joined(base.nanosecond(), left)).map(Value::Time)
        }
        _ => match row.try_get::<_, Option<&str>>(at).ok()? {
            None => Some(Value::Null),
            Some(text) => from_text(field_type, text),
        },
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the arms of `decode` are options")]
fn optional<T>(value: Option<T>, wrap: fn(T) -> Value) -> Option<Value> {
    Some(value.map_or(Value::Null, wrap))
}

pub(super) fn from_text(field_type: FieldType, text: &str) -> Option<Value> {
    match field_type {
        FieldType::Any => untagged(&serde_json::from_str(text).ok()?),
        FieldType::Json => Some(Value::Json(Arc::new(serde_json::from_str(text).ok()?))),
        field_type => tagged::from_text(field_type, text),
    }
}

#[cfg(test)]
mod tests {
    use circuit_core::compare_text;
    use serde_json::json;

    use super::*;

    fn text_of(cell: Cell) -> String {
        match cell {
            Cell::Text(text) => text,
            other => panic!("{other:?} is no text"),
        }
    }

    #[test]
    fn folded_text_sorts_by_its_bytes_as_compare_text_says() {
        let texts =
            ["", "a", "A", "b", "ä", "Ä", "ÄRGER", "z", "ß", "İ", "i", "Σ", "ς", "😀", "A1"];
        for one in texts {
            for two in texts {
                assert_eq!(fold(one).cmp(&fold(two)), compare_text(one, two), "{one} {two}");
            }
        }
    }

    #[test]
    fn a_large_double_stays_a_double() {
        for number in [1e16, 1e300, 5e-324, 100.0, -0.5, 1.5e10] {
            let text = text_of(super::json(&json!(number)).unwrap());
            assert!(!text.contains('e') && text.contains('.'), "{text}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), json!(number));
        }
    }

    #[test]
    fn a_leap_second_sorts_between_its_neighbours() {
        let nanos = [0, 999, 1_000, 999_999_999, 1_000_000_000, 1_999_999_999];
        let pairs: Vec<_> = nanos.iter().map(|nanos| split(*nanos)).collect();
        assert!(pairs.is_sorted());
        for (nanos, (micros, left)) in nanos.into_iter().zip(pairs) {
            assert!(micros <= 999_999_000);
            assert_eq!(joined(micros, left), nanos);
        }
    }

    #[test]
    fn what_postgresql_cannot_hold_is_told_with_its_field() {
        assert_eq!(cells(FieldType::Text, &Value::from("a\0")), Err(Unfit::Nul));
        let tree = Value::Json(Arc::new(json!({"a": ["\0"]})));
        assert_eq!(cells(FieldType::Json, &tree), Err(Unfit::Nul));
        let early = NaiveDate::from_ymd_opt(-4713, 12, 1).unwrap();
        assert_eq!(cells(FieldType::Date, &Value::Date(early)), Err(Unfit::Early));
        let record = Record::new("X").with("A", 1).with("B", "\0");
        assert_eq!(rest(&record, None), Err(("B".into(), Unfit::Nul)));
    }

    #[test]
    fn a_long_unique_key_is_short_and_still_its_own() {
        let key = |last: &str| unique_key(&Value::from(format!("{}{last}", "ä".repeat(2_000))));
        assert_ne!(key("1"), key("2"));
        assert!(key("1").unwrap().len() < 1_200);
        let short = key("1").unwrap();
        assert_ne!(unique_key(&Value::from(short.as_str())), Some(short));
    }
}
