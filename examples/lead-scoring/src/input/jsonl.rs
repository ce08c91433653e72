//! JSON lines: a lead on each line, its enrichment inline.

use circuit_core::{Record, RecordId};
use serde_json::{Map, Value as Json};

use super::Source;
use super::column::{self, Column, Place, Problem, got};
use super::error::InputError;
use super::lines::{Line, Lines};
use super::row::{Lead, Row};
use crate::lead::{CONTACT, is_score_field};

/// The most members a lead may have: each that no rule knows becomes a field of the record.
pub(crate) const MAX_MEMBERS: usize = 500;

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
            Err(problem) => Row::Rejected(origin.rejected(&problem.field, problem.reason)),
        }
    }
}

impl Source for Jsonl {
    fn next_row(&mut self) -> Result<Option<Row>, InputError> {
        while let Some(line) = self.lines.next_line()? {
            if !line.is_blank() {
                return Ok(Some(self.row(line)));
            }
        }
        Ok(None)
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
    let Json::Object(mut members) = parse(text)? else {
        return Err(Problem::row("expected an object, one lead, got another JSON value"));
    };
    if members.len() > MAX_MEMBERS {
        return Err(Problem::row(format!("expected at most {MAX_MEMBERS} members, got more")));
    }
    let named_id = members.keys().find(|name| name.eq_ignore_ascii_case("id")).cloned();
    let id = column::id(named_id.and_then(|name| members.remove(&name)).as_ref())?;
    let mut record = Record::new(CONTACT).with_id(id.clone());
    for (name, value) in members {
        member(&mut record, &name, value)?;
    }
    Ok((id, record))
}

fn member(record: &mut Record, name: &str, value: Json) -> Result<(), Problem> {
    match name {
        "customFields" => group(record, name, Place::CustomFields, value),
        "enrichment" => enrichment(record, value),
        _ => field(record, name, value),
    }
}

/// A member of the lead itself; the flat names of CSV are understood here too.
fn field(record: &mut Record, name: &str, value: Json) -> Result<(), Problem> {
    match Column::named(name) {
        Some(column) => record.set(column.name, column.kind.json(name, &value)?),
        None if is_score_field(name) || name == "attributes" => {}
        None => column::keep(record, name, value),
    }
    Ok(())
}

fn enrichment(record: &mut Record, value: Json) -> Result<(), Problem> {
    const PARTS: [(&str, Place); 3] =
        [("census", Place::Census), ("linkedin", Place::LinkedIn), ("maps", Place::Maps)];
    let mut parts = object("enrichment", value)?;
    for (name, place) in PARTS {
        let part = parts.remove(name).unwrap_or_default();
        group(record, &format!("enrichment.{name}"), place, part)?;
    }
    keep_rest(record, "enrichment", parts);
    Ok(())
}

/// An object whose members are fields of their own in the record.
fn group(record: &mut Record, path: &str, place: Place, value: Json) -> Result<(), Problem> {
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
    keep_rest(record, path, rest);
    Ok(())
}

fn object(path: &str, value: Json) -> Result<Map<String, Json>, Problem> {
    match value {
        Json::Null => Ok(Map::new()),
        Json::Object(members) => Ok(members),
        other => Err(Problem::expected(path, "an object", got(&other))),
    }
}

/// Members that no rule knows travel along under the name of the object they stood in.
fn keep_rest(record: &mut Record, path: &str, rest: Map<String, Json>) {
    if !rest.is_empty() {
        let name = path.replace('.', "_");
        column::keep(record, &name, Json::Object(rest));
    }
}
