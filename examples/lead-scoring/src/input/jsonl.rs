//! JSON lines: a lead on each line, its enrichment inline.

use circuit_core::{Record, RecordId};
use serde_json::{Map, Value as Json};

use super::Source;
use super::column::{self, Column, Place, Problem, got};
use super::error::InputError;
use super::lines::{Line, Lines};
use super::row::{Lead, Row};
use crate::lead::is_score_field;

/// Leads from JSON lines.
pub(crate) struct Jsonl {
    lines: Lines,
}

impl Jsonl {
    pub(crate) fn new(lines: Lines) -> Self {
        Self { lines }
    }

    fn row(&self, line: Line) -> Row {
        let origin = self.lines.origin(line.number);
        match line.text.map_err(Problem::row).and_then(|text| lead(&text)) {
            Ok((id, record)) => Row::Lead(Lead { id, record, origin }),
            Err(problem) => Row::Rejected(origin.rejected(problem)),
        }
    }
}

impl Source for Jsonl {
    fn next_row(&mut self) -> Result<Option<Row>, InputError> {
        let line = self.lines.next_with_text()?;
        Ok(line.map(|line| self.row(line)))
    }

    fn done(&self) -> u64 {
        self.lines.done()
    }
}

/// Reads JSON and says where it breaks, without repeating any of it.
pub(crate) fn parse(text: &str) -> Result<Json, Problem> {
    serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        let what = message.split(" at line ").next().unwrap_or_default();
        Problem::row(format!("expected JSON, got {what} at column {}", error.column()))
    })
}

fn lead(text: &str) -> Result<(RecordId, Record), Problem> {
    let mut members = match parse(text)? {
        Json::Object(members) => members,
        other => return Err(Problem::expected("", "one lead as an object", got(&other))),
    };
    let named_id = members.keys().find(|name| name.eq_ignore_ascii_case("id")).cloned();
    let id = column::id(named_id.and_then(|name| members.remove(&name)).as_ref())?;
    let mut record = column::contact(id.clone());
    let mut rest = Map::new();
    for (name, value) in members {
        if let Some(left) = member(&mut record, &name, value)? {
            rest.insert(name, left);
        }
    }
    column::keep(&mut record, rest);
    Ok((id, record))
}

/// Takes what the rules know out of a member of the lead and returns what is left.
fn member(record: &mut Record, name: &str, value: Json) -> Result<Option<Json>, Problem> {
    match name {
        "customFields" => group(record, name, Place::CustomFields, value),
        "enrichment" => enrichment(record, value),
        _ => field(record, name, value),
    }
}

/// A member of the lead itself; the flat names of CSV are understood here too.
fn field(record: &mut Record, name: &str, value: Json) -> Result<Option<Json>, Problem> {
    match Column::named(name) {
        Some(column) => record.set(column.name, column.kind.json(name, &value)?),
        None if is_score_field(name) => {}
        None => return Ok(Some(value)),
    }
    Ok(None)
}

fn enrichment(record: &mut Record, value: Json) -> Result<Option<Json>, Problem> {
    const PARTS: [(&str, Place); 3] =
        [("census", Place::Census), ("linkedin", Place::LinkedIn), ("maps", Place::Maps)];
    let mut parts = object("enrichment", value)?;
    for (name, place) in PARTS {
        let part = parts.remove(name).unwrap_or_default();
        if let Some(left) = group(record, &format!("enrichment.{name}"), place, part)? {
            parts.insert(name.to_owned(), left);
        }
    }
    Ok((!parts.is_empty()).then_some(Json::Object(parts)))
}

/// An object whose members are fields of their own in the record.
fn group(
    record: &mut Record,
    path: &str,
    place: Place,
    value: Json,
) -> Result<Option<Json>, Problem> {
    let mut rest = Map::new();
    for (name, value) in object(path, value)? {
        match Column::named(&name).filter(|column| column.place == place) {
            Some(column) => {
                let field = format!("{path}.{name}");
                record.set(column.name, column.kind.json(&field, &value)?);
            }
            None => drop(rest.insert(name, value)),
        }
    }
    Ok((!rest.is_empty()).then_some(Json::Object(rest)))
}

fn object(path: &str, value: Json) -> Result<Map<String, Json>, Problem> {
    match value {
        Json::Null => Ok(Map::new()),
        Json::Object(members) => Ok(members),
        other => Err(Problem::expected(path, "an object", got(&other))),
    }
}
