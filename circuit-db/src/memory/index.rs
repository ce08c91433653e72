//! Indexes: which records have a value in a field.

use std::collections::{HashMap, HashSet};

use circuit_core::{FieldSchema, FieldType, RecordId, Text, Value};
use foldhash::fast::FixedState;

type Ids = HashSet<RecordId, FixedState>;

/// Who holds which value of one unique field, among the records that are not deleted.
#[derive(Debug)]
pub(super) struct UniqueIndex {
    pub(super) field: Text,
    pub(super) holders: HashMap<Text, RecordId, FixedState>,
}

/// Which records have which value in one field that is not unique, among those not deleted.
#[derive(Debug)]
pub(super) struct ValueIndex {
    pub(super) field: Text,
    pub(super) field_type: FieldType,
    holders: HashMap<Text, Ids, FixedState>,
}

impl ValueIndex {
    pub(super) fn new(field: &FieldSchema) -> Self {
        let (field, field_type) = (field.name().clone(), field.field_type());
        Self { field, field_type, holders: HashMap::default() }
    }

    /// Notes that a record has another value than before.
    pub(super) fn change(&mut self, id: &RecordId, old: &Value, new: &Value) {
        let (old, new) = (old.unique_key(), new.unique_key());
        if old == new {
            return;
        }
        if let Some(key) = old
            && let Some(ids) = self.holders.get_mut(&key)
        {
            ids.remove(id);
            if ids.is_empty() {
                self.holders.remove(&key);
            }
        }
        if let Some(key) = new {
            self.holders.entry(key).or_default().insert(id.clone());
        }
    }

    /// Returns the records that have one of the values; `None` if the index cannot tell.
    pub(super) fn of(&self, values: &[Value]) -> Option<Vec<RecordId>> {
        let mut ids = Vec::new();
        for value in values {
            let key = value.unique_key().filter(|_| self.compares(value))?;
            ids.extend(self.holders.get(&key).into_iter().flatten().cloned());
        }
        Some(ids)
    }

    fn compares(&self, value: &Value) -> bool {
        let numbers = matches!(self.field_type, FieldType::Integer | FieldType::Decimal);
        self.field_type.admits(value)
            || numbers && matches!(value, Value::Integer(_) | Value::Decimal(_))
    }
}

/// Which records refer to which, through one field or because one was deleted with the other.
#[derive(Debug, Default)]
pub(super) struct ReferenceIndex {
    holders: HashMap<RecordId, Ids, FixedState>,
    /// Those with a value that is no id, which the engine never stores in a reference.
    odd: Ids,
}

impl ReferenceIndex {
    pub(super) fn add(&mut self, value: &Value, id: &RecordId) {
        match value {
            Value::Null => {}
            Value::Id(to) => {
                self.holders.entry(to.clone()).or_default().insert(id.clone());
            }
            _ => {
                self.odd.insert(id.clone());
            }
        }
    }

    pub(super) fn remove(&mut self, value: &Value, id: &RecordId) {
        let Value::Id(to) = value else {
            self.odd.remove(id);
            return;
        };
        if let Some(ids) = self.holders.get_mut(to) {
            ids.remove(id);
            if ids.is_empty() {
                self.holders.remove(to);
            }
        }
    }

    /// Returns all records that may refer to an id.
    pub(super) fn of(&self, to: &RecordId) -> impl Iterator<Item = &RecordId> {
        self.holders.get(to).into_iter().flatten().chain(&self.odd)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.holders.is_empty() && self.odd.is_empty()
    }
}

/// Returns the id that a filter's value means beside a reference; `None` if no index can tell.
pub(super) fn meant(value: &Value) -> Option<RecordId> {
    match value {
        Value::Id(id) => Some(id.clone()),
        Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}
