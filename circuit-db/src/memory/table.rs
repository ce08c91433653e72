//! The records of one object.

use std::collections::HashMap;
use std::sync::Arc;

use circuit_core::{
    Comparison, FetchKey, Filter, ObjectSchema, Query, Record, RecordId, Stored, Text, Value,
    Version,
};
use foldhash::fast::FixedState;

/// A record with its version; deleted ones wait in the recycle bin.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) stored: Stored,
    pub(super) deleted: bool,
}

/// Who holds which value of one unique field, among the records that are not deleted.
#[derive(Debug)]
pub(super) struct UniqueIndex {
    pub(super) field: Text,
    pub(super) holders: HashMap<Text, RecordId, FixedState>,
}

/// The records of one object, with an index for each unique field.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) schema: Option<Arc<ObjectSchema>>,
    pub(super) rows: HashMap<RecordId, Row, FixedState>,
    pub(super) unique: Vec<UniqueIndex>,
}

impl Table {
    pub(super) fn new(schema: Option<Arc<ObjectSchema>>) -> Self {
        let fields = schema.iter().flat_map(|schema| schema.fields());
        let unique = fields
            .filter(|field| field.is_unique())
            .map(|field| UniqueIndex { field: field.name().clone(), holders: HashMap::default() })
            .collect();
        Self { schema, rows: HashMap::default(), unique }
    }

    /// Returns a record by key.
    pub(super) fn find(&self, key: &FetchKey, deleted: bool) -> Option<Stored> {
        let id = match key {
            FetchKey::Id(id) => id,
            FetchKey::Unique { field, value } => self.holder(field, value)?,
        };
        let row = self.rows.get(id)?;
        (row.deleted == deleted).then(|| row.stored.clone())
    }

    fn holder(&self, field: &str, value: &Value) -> Option<&RecordId> {
        let index = self.unique.iter().find(|index| index.field.eq_ignore_ascii_case(field))?;
        index.holders.get(&value.unique_key()?)
    }

    /// Returns the records that match, in no order.
    pub(super) fn matching(&self, query: &Query) -> Vec<Stored> {
        let keeps = |row: &&Row| {
            !row.deleted
                && query.filter.as_ref().is_none_or(|filter| filter.matches(&row.stored.record))
        };
        let rows: Vec<&Row> = match query.filter.as_ref().and_then(|filter| self.candidates(filter))
        {
            Some(ids) => ids.iter().filter_map(|id| self.rows.get(id)).filter(keeps).collect(),
            None => self.rows.values().filter(keeps).collect(),
        };
        rows.into_iter().map(|row| row.stored.clone()).collect()
    }

    /// Returns the only ids that can match, where an index tells; `None` for all records.
    fn candidates(&self, filter: &Filter) -> Option<Vec<RecordId>> {
        let mut ids = match filter {
            Filter::Compare { field, comparison: Comparison::Eq, value } => {
                self.of_values(field, std::slice::from_ref(value))?
            }
            Filter::In { field, values } => self.of_values(field, values)?,
            Filter::And(all) => return all.iter().find_map(|filter| self.candidates(filter)),
            _ => return None,
        };
        ids.sort();
        ids.dedup();
        Some(ids)
    }

    fn of_values(&self, field: &str, values: &[Value]) -> Option<Vec<RecordId>> {
        if field.eq_ignore_ascii_case("Id") {
            let id = |value: &Value| match value {
                Value::Id(id) => Some(id.clone()),
                Value::Text(text) => text.parse().ok(),
                _ => None,
            };
            return values.iter().map(id).collect();
        }
        let unique = self.unique.iter().any(|index| index.field.eq_ignore_ascii_case(field));
        let all_text =
            values.iter().all(|value| value.as_str().is_some_and(|text| !text.is_empty()));
        let holders = || values.iter().filter_map(|value| self.holder(field, value).cloned());
        (unique && all_text).then(|| holders().collect())
    }

    /// Stores a record; a declared field without a value is null.
    pub(super) fn put(
        &mut self,
        id: RecordId,
        mut record: Record,
        version: Version,
        deleted: bool,
    ) {
        for field in self.schema.iter().flat_map(|schema| schema.fields()) {
            if record.get(field.name()).is_none() {
                record.set(field.name(), Value::Null);
            }
        }
        self.rows.insert(id, Row { stored: Stored { record, version }, deleted });
    }
}

/// The keys that a record holds in a table's indexes.
pub(super) fn keys_of(table: &Table, record: &Record) -> Vec<Option<Text>> {
    let key = |index: &UniqueIndex| record.get(&index.field).and_then(Value::unique_key);
    table.unique.iter().map(key).collect()
}
