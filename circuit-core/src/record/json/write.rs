//! Records to JSON.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::Attributes;
use crate::record::Record;

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
        serializer.collect_map(self.0.iter())
    }
}
