//! Records to JSON.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::Attributes;
use crate::record::Record;
use crate::value::Value;

impl Serialize for Record {
    /// Writes Salesforce's shape; [`Record::plain`] writes the fields alone.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("attributes", &Attributes { object: self.object().clone() })?;
        for (name, value) in self.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// A record that serialises to its fields alone; made by [`Record::plain`].
#[derive(Debug)]
pub struct PlainRecord<'a>(&'a Record);

impl Record {
    /// Returns a view that serialises to the fields alone, without `attributes`.
    ///
    /// # Examples
    /// ```
    /// use circuit_core::Record;
    ///
    /// let contact = Record::new("Contact").with("Email", "a@b.c");
    /// let json = serde_json::to_string(&contact.plain()).unwrap();
    /// assert_eq!(json, r#"{"Email":"a@b.c"}"#);
    /// ```
    pub fn plain(&self) -> PlainRecord<'_> {
        PlainRecord(self)
    }
}

impl Serialize for PlainRecord<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, PlainValue(value))))
    }
}

/// A value of a plain record: a record in it is plain too.
struct PlainValue<'a>(&'a Value);

impl Serialize for PlainValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Record(record) => record.plain().serialize(serializer),
            Value::Records(records) => serializer.collect_seq(records.iter().map(Record::plain)),
            other => other.serialize(serializer),
        }
    }
}

/// Children as Salesforce writes them: a query result of its own.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChildrenJson<'a> {
    total_size: usize,
    done: bool,
    records: &'a [Record],
}

impl<'a> ChildrenJson<'a> {
    pub(crate) fn of(records: &'a [Record]) -> Self {
        Self { total_size: records.len(), done: true, records }
    }
}
