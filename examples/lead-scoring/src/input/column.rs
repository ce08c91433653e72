//! The fields of a lead: one table, whatever the input is.

use std::sync::LazyLock;

use circuit_core::{Record, RecordId, Value};
use serde_json::{Map, Value as Json};

use crate::lead::Contact;

/// A field of a lead that the rules know.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The field's name: a column of CSV, and the field of the stored record.
    pub name: &'static str,
    /// Where a JSON lead has it.
    pub place: Place,
    /// What its values are.
    pub kind: Kind,
}

/// The part of a JSON lead that a field stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The lead itself.
    Lead,
    /// `customFields`.
    CustomFields,
    /// `enrichment.census`.
    Census,
    /// `enrichment.linkedin`.
    LinkedIn,
    /// `enrichment.maps`.
    Maps,
}

/// The type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number of 64 bits.
    Integer,
    /// True or false.
    Boolean,
}

/// Every field that the rules know, the id apart.
#[rustfmt::skip]
pub const COLUMNS: [Column; 23] = [
    Column { name: "email",             place: Place::Lead,         kind: Kind::Text },
    Column { name: "firstName",         place: Place::Lead,         kind: Kind::Text },
    Column { name: "lastName",          place: Place::Lead,         kind: Kind::Text },
    Column { name: "phone",             place: Place::Lead,         kind: Kind::Text },
    Column { name: "companyName",       place: Place::Lead,         kind: Kind::Text },
    Column { name: "source",            place: Place::Lead,         kind: Kind::Text },
    Column { name: "country",           place: Place::Lead,         kind: Kind::Text },
    Column { name: "status",            place: Place::Lead,         kind: Kind::Text },
    Column { name: "postalCode",        place: Place::Lead,         kind: Kind::Text },
    Column { name: "pageViews",         place: Place::CustomFields, kind: Kind::Integer },
    Column { name: "emailOpens",        place: Place::CustomFields, kind: Kind::Integer },
    Column { name: "emailClicks",       place: Place::CustomFields, kind: Kind::Integer },
    Column { name: "formSubmits",       place: Place::CustomFields, kind: Kind::Integer },
    Column { name: "demoRequested",     place: Place::CustomFields, kind: Kind::Boolean },
    Column { name: "timelineDays",      place: Place::CustomFields, kind: Kind::Integer },
    Column { name: "lastActivityHours", place: Place::CustomFields, kind: Kind::Integer },
    Column { name: "budget",            place: Place::CustomFields, kind: Kind::Integer },
    Column { name: "medianIncome",      place: Place::Census,       kind: Kind::Integer },
    Column { name: "ownerOccupiedPct",  place: Place::Census,       kind: Kind::Integer },
    Column { name: "seniority",         place: Place::LinkedIn,     kind: Kind::Text },
    Column { name: "companySize",       place: Place::LinkedIn,     kind: Kind::Integer },
    Column { name: "distanceKm",        place: Place::Maps,         kind: Kind::Integer },
    Column { name: "rating10",          place: Place::Maps,         kind: Kind::Integer },
];

/// The field that holds what no rule knows.
const OTHER: &str = "other";

impl Column {
    /// Finds a field by its name, without regard to case, as records do.
    pub fn named(name: &str) -> Option<&'static Self> {
        COLUMNS.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }
}

/// Why a row can't be used, before it is known where the row stood.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The field at fault; empty where it is the whole row.
    pub(crate) field: String,
    pub(crate) reason: String,
}

impl Problem {
    pub(crate) fn row(reason: impl Into<String>) -> Self {
        Self { field: String::new(), reason: reason.into() }
    }

    pub(crate) fn expected(field: impl Into<String>, expected: &str, got: &str) -> Self {
        Self { field: field.into(), reason: format!("expected {expected}, got {got}") }
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "a whole number",
            Self::Boolean => "true or false",
        }
    }

    /// Reads a JSON value of this type; null is one of every type.
    pub(crate) fn json(self, field: &str, value: &Json) -> Result<Value, Problem> {
        let read = match (self, value) {
            (_, Json::Null) => Some(Value::Null),
            (Self::Text, Json::String(text)) => Some(text.as_str().into()),
            (Self::Boolean, Json::Bool(flag)) => Some((*flag).into()),
            (Self::Integer, Json::Number(number)) => whole(number).map(Value::from),
            _ => None,
        };
        read.ok_or_else(|| Problem::expected(field, self.name(), got(value)))
    }

    /// Reads a cell of this type; an empty one and `\N` are null.
    pub(crate) fn cell(self, field: &str, cell: &str) -> Result<Value, Problem> {
        if cell.is_empty() || cell == r"\N" {
            return Ok(Value::Null);
        }
        let read = match self {
            Self::Text => Some(cell.into()),
            Self::Integer => cell.trim().parse::<i64>().ok().map(Value::from),
            Self::Boolean => flag(cell.trim()).map(Value::from),
        };
        read.ok_or_else(|| Problem::expected(field, self.name(), cell_kind(cell)))
    }
}

/// A whole number, also when it is written as `3.0` or `3e2`.
fn whole(number: &serde_json::Number) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    number.as_i64().or_else(|| {
        let number = number.as_f64()?;
        let exact = number.fract() == 0.0 && number.abs() <= EXACT;
        exact.then(|| format!("{number:.0}").parse().ok()).flatten()
    })
}

fn flag(cell: &str) -> Option<bool> {
    const TRUE: [&str; 3] = ["true", "1", "yes"];
    const FALSE: [&str; 3] = ["false", "0", "no"];
    let is = |names: [&str; 3]| names.iter().any(|name| cell.eq_ignore_ascii_case(name));
    if is(TRUE) { Some(true) } else { is(FALSE).then_some(false) }
}

/// Names what came: its type, never its value.
pub(crate) fn got(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "true or false",
        Json::Number(number) if number.as_f64().is_some_and(|number| number.fract() != 0.0) => {
            "a decimal number"
        }
        Json::Number(number) if whole(number).is_none() => "too large a number",
        Json::Number(_) => "a number",
        Json::String(text) if text.is_empty() => "empty text",
        Json::String(_) => "text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

fn cell_kind(cell: &str) -> &'static str {
    match cell.trim().parse::<f64>() {
        Ok(number) if number.is_finite() && number.fract() != 0.0 => "a decimal number",
        Ok(number) if number.is_finite() => "another number",
        _ => "text",
    }
}

/// Reads the id, without which a lead can't be stored.
pub(crate) fn id(value: Option<&Json>) -> Result<RecordId, Problem> {
    const EXPECTED: &str = "an id as text";
    match value {
        None => Err(Problem::expected("id", EXPECTED, "nothing")),
        Some(Json::String(text)) => id_text(text),
        Some(other) => Err(Problem::expected("id", EXPECTED, got(other))),
    }
}

/// Reads the id from its text.
pub(crate) fn id_text(text: &str) -> Result<RecordId, Problem> {
    let expected = "1 to 255 bytes without white space and `#`";
    text.parse().map_err(|_| {
        let got = if text.is_empty() { "empty text" } else { "other text" };
        Problem::expected("id", expected, got)
    })
}

/// Returns a contact without fields; all have one shape, so the engine looks up its fields once.
pub(crate) fn contact(id: RecordId) -> Record {
    static BLANK: LazyLock<Record> = LazyLock::new(|| {
        let names = COLUMNS.iter().map(|column| column.name).chain([OTHER]);
        names.fold(Record::new(Contact::OBJECT_NAME), |mut record, name| {
            record.set(name, Value::Null);
            record.remove(name);
            record
        })
    });
    BLANK.clone().with_id(id)
}

/// Stores what no rule knows as JSON, as it came; it travels along with the record.
pub(crate) fn keep(record: &mut Record, rest: Map<String, Json>) {
    if !rest.is_empty() {
        record.set(OTHER, Json::Object(rest));
    }
}
