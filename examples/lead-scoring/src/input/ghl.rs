//! GoHighLevel webhook payloads: an event in each file of a folder.
//!
//! Payloads come flat, flat with the envelope of a real delivery, or with the record in `data`. A
//! folder may hold many events of one contact, repeats included: the newest one counts.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use circuit_core::{Record, RecordId};
use serde_json::{Map, Value as Json};

use super::Source;
use super::column::{self, Column, Kind, Place, Problem, got};
use super::error::InputError;
use super::jsonl::parse;
use super::lines::MAX_LINE;
use super::row::{Lead, Origin, Row, Skipped};
use crate::lead::is_score_field;

/// The events that carry a whole contact.
const SCORED: [&str; 3] = ["ContactCreate", "ContactUpdate", "ContactTagUpdate"];

/// Members of the delivery, not of the contact.
const ENVELOPE: [&str; 5] = ["type", "timestamp", "webhookId", "appId", "versionId"];

/// Which of our fields a location's custom fields are, by their id there.
///
/// A custom field whose id is one of our names needs no entry.
#[derive(Debug, Clone, Default)]
pub struct CustomFields(HashMap<String, &'static Column>);

impl CustomFields {
    /// Adds an entry written as `ID=FIELD`.
    ///
    /// # Errors
    /// A message that lists the fields if there is none of that name.
    pub fn add(&mut self, entry: &str) -> Result<(), String> {
        let Some((id, name)) = entry.split_once('=') else {
            return Err(format!(
                "`{entry}` isn't ID=FIELD, such as BcdmQEsNgz6AVpgLVUJ0=pageViews"
            ));
        };
        let Some(column) = Column::named(name) else {
            let names: Vec<&str> = column::COLUMNS.iter().map(|column| column.name).collect();
            return Err(format!("there is no field `{name}`; the fields are {}", names.join(", ")));
        };
        self.0.insert(id.to_owned(), column);
        Ok(())
    }

    fn column(&self, id: &str) -> Option<&'static Column> {
        let own = || Column::named(id).filter(|column| column.place != Place::Lead);
        self.0.get(id).copied().or_else(own)
    }
}

/// Leads from webhook payloads.
pub(crate) struct Payloads {
    files: Vec<PathBuf>,
    next: usize,
    /// The file with the newest event of each contact.
    newest: HashMap<RecordId, usize>,
    custom: CustomFields,
}

impl Payloads {
    /// Lists the payloads of a folder, in the order of their names; folders in it are not entered.
    pub(crate) fn folder(path: &Path, custom: CustomFields) -> Result<Self, InputError> {
        let mut files = Vec::new();
        for entry in InputError::check(path, fs::read_dir(path))? {
            let file = InputError::check(path, entry)?.path();
            let json =
                file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
            if json && !file.is_dir() {
                files.push(file);
            }
        }
        if files.is_empty() {
            return Err(InputError::no_payloads(path));
        }
        files.sort();
        Ok(Self::new(files, custom))
    }

    /// Takes one payload alone.
    pub(crate) fn file(path: &Path, custom: CustomFields) -> Result<Self, InputError> {
        InputError::check(path, File::open(path))?;
        Ok(Self::new(vec![path.to_owned()], custom))
    }

    pub(crate) fn len(&self) -> u64 {
        self.files.len() as u64
    }

    fn new(files: Vec<PathBuf>, custom: CustomFields) -> Self {
        let mut payloads = Self { files, next: 0, newest: HashMap::new(), custom };
        payloads.find_newest();
        payloads
    }

    /// Looks at every payload once, so that one contact is scored once, as it was last.
    fn find_newest(&mut self) {
        let mut newest: HashMap<RecordId, (String, usize)> = HashMap::new();
        for (index, file) in self.files.iter().enumerate() {
            let Ok(Event::Contact(contact)) = Event::read(file) else {
                continue;
            };
            let Ok(id) = column::id(contact.record.get("id")) else {
                continue;
            };
            let event = (contact.timestamp, index);
            let known = newest.entry(id).or_default();
            *known = event.max(std::mem::take(known));
        }
        self.newest = newest.into_iter().map(|(id, (_, index))| (id, index)).collect();
    }

    fn row(&self, index: usize) -> Row {
        let file = &self.files[index];
        let origin = Origin { file: file.display().to_string().into(), line: None };
        let lead = Event::read(file).and_then(|event| match event {
            Event::Other(reason) => Ok(Err(reason)),
            Event::Contact(contact) => {
                let lead = self.lead(contact.record)?;
                let newest = self.newest.get(&lead.0).is_none_or(|newest| *newest == index);
                Ok(if newest { Ok(lead) } else { Err("an older event of a contact".to_owned()) })
            }
        });
        match lead {
            Ok(Ok((id, record))) => Row::Lead(Lead { id, record, origin }),
            Ok(Err(reason)) => Row::Skipped(Skipped { origin, reason }),
            Err(problem) => Row::Rejected(origin.rejected(problem)),
        }
    }

    fn lead(&self, mut members: Map<String, Json>) -> Result<(RecordId, Record), Problem> {
        let id = column::id(members.remove("id").as_ref())?;
        let mut record = column::contact(id.clone());
        let custom = members.remove("customFields").unwrap_or_default();
        let mut rest = Map::new();
        for (name, value) in members {
            match Column::named(&name).filter(|column| column.place == Place::Lead) {
                Some(column) => record.set(column.name, column.kind.json(&name, &value)?),
                None if is_score_field(&name) || ENVELOPE.contains(&name.as_str()) => {}
                None => drop(rest.insert(name, value)),
            }
        }
        let custom = self.custom_fields(&mut record, custom)?;
        if !custom.is_empty() {
            rest.insert("customFields".to_owned(), Json::Array(custom));
        }
        column::keep(&mut record, rest);
        Ok((id, record))
    }

    /// Takes the custom fields that are ours and returns the others.
    fn custom_fields(&self, record: &mut Record, list: Json) -> Result<Vec<Json>, Problem> {
        let list = match list {
            Json::Null => return Ok(Vec::new()),
            Json::Array(list) => list,
            other => return Err(Problem::expected("customFields", "a list", got(&other))),
        };
        let mut rest = Vec::new();
        for (index, entry) in list.into_iter().enumerate() {
            let path = format!("customFields[{index}]");
            match self.custom.column(custom_id(&path, &entry)?) {
                Some(column) => {
                    let value = loose(column.kind, &path, entry.get("value"))?;
                    record.set(column.name, value);
                }
                None => rest.push(entry),
            }
        }
        Ok(rest)
    }
}

impl Source for Payloads {
    fn next_row(&mut self) -> Result<Option<Row>, InputError> {
        let row = (self.next < self.files.len()).then(|| self.row(self.next));
        self.next += usize::from(row.is_some());
        Ok(row)
    }

    fn done(&self) -> u64 {
        self.next as u64
    }
}

/// One payload.
enum Event {
    Contact(Contact),
    /// Not a contact to score; says what it is.
    Other(String),
}

struct Contact {
    timestamp: String,
    record: Map<String, Json>,
}

impl Event {
    fn read(file: &Path) -> Result<Self, Problem> {
        let mut payload = match parse(&text_of(file)?)? {
            Json::Object(payload) => payload,
            other => {
                return Err(Problem::expected("", "one webhook payload as an object", got(&other)));
            }
        };
        match payload.get("type") {
            Some(Json::String(kind)) if SCORED.contains(&kind.as_str()) => {}
            Some(Json::String(kind)) => return Ok(Self::Other(other_reason(kind))),
            None => return Ok(Self::Other("no `type`, so not an app webhook".to_owned())),
            Some(other) => return Err(Problem::expected("type", "text", got(other))),
        }
        let timestamp =
            payload.get("timestamp").and_then(Json::as_str).unwrap_or_default().to_owned();
        let record = match payload.remove("data") {
            None | Some(Json::Null) => payload,
            Some(Json::Object(record)) => record,
            Some(other) => return Err(Problem::expected("data", "an object", got(&other))),
        };
        Ok(Self::Contact(Contact { timestamp, record }))
    }
}

/// Names the type of a payload that isn't scored; a hostile one doesn't get to write much.
fn other_reason(kind: &str) -> String {
    let plain = !kind.is_empty()
        && kind.len() <= 40
        && kind.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    match kind {
        "ContactDelete" => "type ContactDelete: the contact is gone".to_owned(),
        "ContactDndUpdate" => {
            "type ContactDndUpdate: says only how the contact may be reached".to_owned()
        }
        _ if plain => format!("type {kind}: not a contact"),
        _ => "an unknown type: not a contact".to_owned(),
    }
}

fn text_of(file: &Path) -> Result<String, Problem> {
    let unreadable = |error: std::io::Error| {
        Problem::row(format!("expected a readable file, got an error ({})", error.kind()))
    };
    let mut bytes = Vec::new();
    let mut file = File::open(file).map_err(unreadable)?.take(MAX_LINE as u64 + 1);
    file.read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > MAX_LINE {
        return Err(Problem::row("expected a payload of at most 1 MiB, got a longer one"));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| Problem::row("expected UTF-8 text, got other bytes"))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn custom_id<'a>(path: &str, entry: &'a Json) -> Result<&'a str, Problem> {
    match entry.as_object().map(|entry| entry.get("id")) {
        None => Err(Problem::expected(path, "an object with `id` and `value`", got(entry))),
        Some(Some(Json::String(id))) => Ok(id),
        Some(other) => {
            let got = other.map_or("nothing", got);
            Err(Problem::expected(format!("{path}.id"), "text", got))
        }
    }
}

/// Custom fields often come as text, whatever their type.
fn loose(kind: Kind, path: &str, value: Option<&Json>) -> Result<circuit_core::Value, Problem> {
    let field = format!("{path}.value");
    match value {
        Some(Json::String(text)) => kind.cell(&field, text),
        Some(Json::Number(number)) if kind == Kind::Text => Ok(number.to_string().into()),
        value => kind.json(&field, value.unwrap_or(&Json::Null)),
    }
}
