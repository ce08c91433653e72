//! By what an execution is found again: the records that it was about.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;
use serde::{Deserialize, Serialize};

use crate::record::{Record, RecordId};
use crate::value::{Text, Value};

/// How many ids a report has at most: as many as an execution may write rows.
const MOST_IDS: usize = 10_000;

/// How many values of indexed fields a report has at most.
const MOST_VALUES: usize = 2_000;

/// Longer values are not kept.
const LONGEST: usize = 255;

/// A value by which an execution is found: the id of a record, or a field that the host indexes.
///
/// # Examples
/// ```
/// use circuit_core::RecordKey;
///
/// let key = RecordKey::of_value("Contact", "Email", " Ada@Example.com ");
/// assert_eq!(key.value, "ada@example.com");
/// let key = RecordKey::of_id("Account", &"003-1".parse()?);
/// assert_eq!((&*key.field, &*key.value), ("Id", "003-1"));
/// # Ok::<(), circuit_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecordKey {
    /// The object.
    pub object: Text,
    /// The field; `Id` for the id.
    pub field: Text,
    /// The value: in lower case and without white space at its ends, but an id as it was given.
    pub value: Text,
}

impl RecordKey {
    /// The key of a record's id.
    pub fn of_id(object: impl Into<Text>, id: &RecordId) -> Self {
        Self { object: object.into(), field: ID, value: id.text() }
    }

    /// The key of a field's value.
    pub fn of_value(object: impl Into<Text>, field: impl Into<Text>, value: &str) -> Self {
        let value = value.trim();
        let value = if value.is_ascii() {
            Text::from(value).trim_to_ascii_lowercase()
        } else {
            value.to_lowercase().into()
        };
        Self { object: object.into(), field: field.into(), value }
    }
}

const ID: Text = Text::from_static("Id");

/// The fields whose values are keys, by object; set by the host.
#[derive(Debug, Default)]
pub(crate) struct IndexedFields(Vec<(Text, Text)>);

impl IndexedFields {
    pub(crate) fn add(&mut self, object: Text, field: Text) {
        self.0.push((object, field));
    }

    fn of<'a>(&'a self, object: &'a str) -> impl Iterator<Item = &'a Text> {
        let own = move |(of, _): &&(Text, Text)| of.eq_ignore_ascii_case(object);
        self.0.iter().filter(own).map(|(_, field)| field)
    }
}

/// The keys of one execution, each once.
#[derive(Debug, Default)]
pub(super) struct Keys {
    list: Vec<RecordKey>,
    /// The first keys of the list; made when a key has to be compared.
    known: HashSet<RecordKey, FixedState>,
    ids: usize,
    values: usize,
    left_out: u64,
}

impl Keys {
    /// Adds the keys of records, each of which is there once.
    pub(super) fn note<'a>(
        &mut self,
        indexed: &IndexedFields,
        records: impl Iterator<Item = (Option<&'a RecordId>, &'a Record)>,
    ) {
        // Most executions write records that had no id before: nothing to compare ids with.
        let is_first = self.list.is_empty();
        for (id, record) in records {
            if let Some(id) = id {
                self.add(RecordKey::of_id(record.object(), id), is_first);
            }
            for field in indexed.of(record.object()) {
                if let Some(value) = record.get(field).and_then(text_of) {
                    self.add(RecordKey::of_value(record.object(), field, &value), false);
                }
            }
        }
    }

    fn add(&mut self, key: RecordKey, is_new: bool) {
        if key.value.is_empty() || key.value.len() > LONGEST {
            return;
        }
        if !is_new {
            let behind = self.list.get(self.known.len()..).unwrap_or_default();
            self.known.extend(behind.iter().cloned());
            if self.known.contains(&key) {
                return;
            }
        }
        // Each has its own bound: values do not crowd out ids.
        let (count, most) = if key.field == ID {
            (&mut self.ids, MOST_IDS)
        } else {
            (&mut self.values, MOST_VALUES)
        };
        if *count < most {
            *count += 1;
            self.list.push(key);
        } else {
            self.left_out += 1;
        }
    }

    /// Returns the keys, and how many were left out; placeholders get their final ids, or go.
    pub(super) fn take(&mut self, ids: &HashMap<RecordId, RecordId>) -> (Vec<RecordKey>, u64) {
        let Self { mut list, left_out, .. } = std::mem::take(self);
        let placed: HashMap<&str, &RecordId> =
            ids.iter().map(|(placeholder, id)| (placeholder.as_str(), id)).collect();
        for key in list.iter_mut().filter(|key| !placed.is_empty() && key.field == ID) {
            if let Some(id) = placed.get(key.value.as_str()) {
                key.value = id.text();
            }
        }
        list.retain(|key| key.field != ID || !RecordId::is_placeholder_text(&key.value));
        (list, left_out)
    }
}

fn text_of(value: &Value) -> Option<Text> {
    Some(match value {
        Value::Text(text) => text.clone(),
        Value::Id(id) => id.text(),
        Value::Boolean(value) => value.to_string().into(),
        Value::Integer(value) => value.to_string().into(),
        Value::Decimal(value) => value.normalize().to_string().into(),
        Value::Date(value) => value.to_string().into(),
        Value::DateTime(value) => value.to_rfc3339().into(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Notes records of ids that count up, once as given and once as written.
    fn keys(count: usize) -> Keys {
        let ids: Vec<RecordId> = (0..count).map(|i| format!("id-{i}").parse().unwrap()).collect();
        let record = Record::new("Contact");
        let mut keys = Keys::default();
        keys.note(&IndexedFields::default(), ids.iter().map(|id| (Some(id), &record)));
        keys.note(&IndexedFields::default(), ids.iter().map(|id| (Some(id), &record)));
        keys
    }

    #[test]
    fn a_key_is_kept_once() {
        assert_eq!(keys(3).take(&HashMap::new()).0.len(), 3);
    }

    #[test]
    fn keys_beyond_the_bound_are_counted() {
        let mut keys = Keys::default();
        let ids: Vec<RecordId> =
            (0..MOST_IDS + 5).map(|i| format!("id-{i}").parse().unwrap()).collect();
        let record = Record::new("Contact");
        keys.note(&IndexedFields::default(), ids.iter().map(|id| (Some(id), &record)));
        let (list, left_out) = keys.take(&HashMap::new());
        assert_eq!((list.len(), left_out), (MOST_IDS, 5));
    }

    #[test]
    fn values_do_not_crowd_out_ids() {
        let mut indexed = IndexedFields::default();
        indexed.add("Contact".into(), "Email".into());
        let records: Vec<Record> = (0..MOST_VALUES + 5)
            .map(|i| Record::new("Contact").with("Email", format!("{i}@b.c")))
            .collect();
        let mut keys = Keys::default();
        keys.note(&indexed, records.iter().map(|record| (None, record)));
        let id: RecordId = "id-1".parse().unwrap();
        keys.note(&indexed, [(Some(&id), &Record::new("Contact"))].into_iter());
        let (list, left_out) = keys.take(&HashMap::new());
        assert_eq!((list.len(), left_out), (MOST_VALUES + 1, 5));
        assert!(list.contains(&RecordKey::of_id("Contact", &id)));
    }

    #[test]
    fn only_fields_that_are_indexed_are_keys() {
        let mut indexed = IndexedFields::default();
        indexed.add("contact".into(), "Email".into());
        let record = Record::new("Contact").with("Email", "A@B.C").with("Phone", "123");
        let mut keys = Keys::default();
        keys.note(&indexed, [(None, &record)].into_iter());
        assert_eq!(keys.list, [RecordKey::of_value("Contact", "Email", "a@b.c")]);
    }
}
