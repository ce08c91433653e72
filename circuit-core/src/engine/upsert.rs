//! Upsert: which rows are new, and which records the others mean (A10).

use std::collections::HashMap;

use super::catalog::ObjectEntry;
use super::chunk::state;
use super::execution::Execution;
use super::load::Place;
use crate::db::{Filter, IdPolicy, Query};
use crate::error::{Error, ErrorKind, Result, RowFailure, StatusCode};
use crate::record::{Record, RecordId};
use crate::schema::FieldSchema;
use crate::trigger::RowState;
use crate::value::{Text, Value};

type Row = (usize, Record);

impl Execution {
    /// Splits rows into those to insert and those to update.
    pub(super) async fn resolve(
        &self,
        object: &ObjectEntry,
        key: Option<&Text>,
        rows: Vec<Row>,
    ) -> Result<(Vec<RowState>, Vec<RowState>)> {
        match key.filter(|field| !field.eq_ignore_ascii_case("Id")) {
            Some(field) => self.resolve_by(object, field, rows).await,
            None => self.resolve_by_id(object, rows).await,
        }
    }

    /// A row with an id is an update; where callers choose ids, one whose id is free an insert.
    async fn resolve_by_id(
        &self,
        object: &ObjectEntry,
        rows: Vec<Row>,
    ) -> Result<(Vec<RowState>, Vec<RowState>)> {
        let rows: Vec<RowState> = rows.into_iter().map(state).collect();
        let (with_id, mut created): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| row.id.is_some());
        if self.state().engine.db.capability().ids == IdPolicy::Store || with_id.is_empty() {
            return Ok((created, with_id));
        }
        let ids: Vec<RecordId> = with_id.iter().filter_map(|row| row.id.clone()).collect();
        let found = self.find(object, &ids, Place::Live).await?;
        let mut matched = Vec::with_capacity(with_id.len());
        for (row, found) in with_id.into_iter().zip(found) {
            if found.is_some() { matched.push(row) } else { created.push(row) }
        }
        created.sort_by_key(|row| row.index);
        Ok((created, matched))
    }

    async fn resolve_by(
        &self,
        object: &ObjectEntry,
        field: &Text,
        rows: Vec<Row>,
    ) -> Result<(Vec<RowState>, Vec<RowState>)> {
        let declared = object.schema.as_ref().and_then(|(schema, _)| schema.field(field));
        if !declared.is_some_and(|field| field.is_unique() || field.is_external_id()) {
            let message = "records are upserted by id, a unique field or an external id";
            return Err(Error::new(ErrorKind::InvalidInput, message)
                .with("object", &object.name)
                .with("field", field)
                .with("handler", self.handler())
                .with("execution", self.id()));
        }
        let coerced = |record: &Record| {
            let value = record.get(field)?;
            declared.map(FieldSchema::field_type)?.coerce(value).ok()
        };
        let values: Vec<Value> = rows.iter().filter_map(|(_, record)| coerced(record)).collect();
        let query = Query::of(&object.name).filter(Filter::is_in(field, values));
        let mut holders: HashMap<Text, Vec<RecordId>> = HashMap::new();
        for stored in self.stored(&query).await?.records {
            let key = stored.record.get(field).and_then(Value::unique_key);
            if let (Some(key), Some(id)) = (key, stored.record.id()) {
                holders.entry(key).or_default().push(id.clone());
            }
        }
        let (mut created, mut matched) = (Vec::new(), Vec::new());
        for row in rows {
            let key = coerced(&row.1).as_ref().and_then(Value::unique_key);
            let mut row = state(row);
            let holders = key.as_ref().and_then(|key| holders.get(key)).map_or(&[][..], |ids| ids);
            let refusal = match (key.is_some(), holders) {
                (false, _) => Some((StatusCode::MissingArgument, "the key field has no value")),
                (true, [_, _, ..]) => {
                    Some((StatusCode::DuplicateExternalId, "several records have this value"))
                }
                (true, [id]) if row.id.as_ref().is_some_and(|own| own != id) => Some((
                    StatusCode::InvalidFieldForInsertUpdate,
                    "the row has the id of another record than its key",
                )),
                (true, [id]) => {
                    row.id = Some(id.clone());
                    row.new = row.new.map(|record| record.with_id(id.clone()));
                    None
                }
                (true, []) => None,
            };
            if let Some((status, message)) = refusal {
                row.failures.push(RowFailure::new(row.index, status, message).with_field(field));
            }
            if holders.is_empty() { created.push(row) } else { matched.push(row) }
        }
        Ok((created, matched))
    }
}
