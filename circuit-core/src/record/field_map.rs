//! The fields that a struct does not name.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{FieldSpec, Record};
use crate::value::{Text, Value};

/// The fields of a record that a struct does not name; they travel along untouched.
///
/// A struct holds it in a field with `#[sobject(flatten)]`. Copying it costs nothing: it shares the
/// record's values until it changes. In a before handler, a field removed from it (or a new, empty
/// map) becomes absent from a record without an id and null in any other.
///
/// # Examples
/// ```
/// use circuit_core::{FieldMap, Value};
///
/// let mut other = FieldMap::default();
/// other.insert("Phone", "+1 415 555 0100");
/// assert_eq!(other.get("phone"), Some(&Value::from("+1 415 555 0100")));
/// ```
#[derive(Clone, Default)]
pub struct FieldMap {
    record: Option<Record>,
    /// The fields that the struct names itself: hidden here.
    named: &'static [FieldSpec],
}

impl FieldMap {
    pub(super) fn of(record: &Record, named: &'static [FieldSpec]) -> Self {
        Self { record: Some(record.clone()), named }
    }

    pub(super) fn into_record(self) -> Option<Record> {
        self.record
    }

    /// Returns a field's value, without regard to case; `None` where it is absent.
    pub fn get(&self, field: impl AsRef<str>) -> Option<&Value> {
        let field = field.as_ref();
        if self.hides(field) { None } else { self.record.as_ref()?.get(field) }
    }

    /// Sets a field; ignored for a field that the struct names itself.
    pub fn insert(&mut self, field: impl AsRef<str>, value: impl Into<Value>) {
        let field = field.as_ref();
        if !self.hides(field) {
            self.record.get_or_insert_with(|| Record::new("")).set(field, value);
        }
    }

    /// Makes a field absent and returns its value.
    pub fn remove(&mut self, field: impl AsRef<str>) -> Option<Value> {
        let field = field.as_ref();
        if self.hides(field) { None } else { self.record.as_mut()?.remove(field) }
    }

    /// Returns the fields that are not absent.
    pub fn iter(&self) -> impl Iterator<Item = (&Text, &Value)> {
        let all = self.record.iter().flat_map(Record::iter);
        all.filter(|(name, _)| !self.hides(name))
    }

    /// Returns whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    fn hides(&self, field: &str) -> bool {
        self.named.iter().any(|spec| spec.name.eq_ignore_ascii_case(field))
    }
}

impl PartialEq for FieldMap {
    fn eq(&self, other: &Self) -> bool {
        self.iter().count() == other.iter().count()
            && self.iter().all(|(name, value)| other.get(name) == Some(value))
    }
}

impl fmt::Debug for FieldMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Serialize for FieldMap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}
