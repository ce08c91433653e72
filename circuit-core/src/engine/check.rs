//! Validation, before and after the before handlers (A4 steps 2 and 5).

use std::collections::HashSet;

use super::execution::Execution;
use super::load::{Place, conform};
use super::save::Chunk;
use crate::error::{Result, RowFailure, StatusCode};
use crate::event::Operation;
use crate::record::RecordId;
use crate::schema::{FieldSchema, Phase, check};
use crate::trigger::RowState;
use crate::value::Value;

impl Execution {
    /// Checks each row against its schema and its references against what is stored.
    pub(super) async fn check(&self, chunk: &mut Chunk, phase: Phase) -> Result<()> {
        if !matches!(chunk.operation, Operation::Insert | Operation::Update) {
            return Ok(());
        }
        let object = std::sync::Arc::clone(&chunk.object);
        if phase == Phase::Save {
            chunk.good().for_each(|row| keep_identity(&object.name, row));
            chunk.good().for_each(|row| conform(&object, row));
        }
        let Some((schema, _)) = &object.schema else {
            return Ok(());
        };
        for row in chunk.good() {
            if let Some(record) = &mut row.new {
                check(schema, phase, record, row.index, &mut row.failures);
            }
        }
        for (i, field) in schema.fields().iter().enumerate() {
            if field.reference().is_some() {
                self.check_reference(chunk, i + 1, field).await?;
            }
        }
        Ok(())
    }

    /// A reference that was set must name a record that is there.
    async fn check_reference(
        &self,
        chunk: &mut Chunk,
        slot: usize,
        field: &FieldSchema,
    ) -> Result<()> {
        let Some(reference) = field.reference() else {
            return Ok(());
        };
        let wanted: HashSet<RecordId> =
            chunk.good().filter_map(|row| changed_reference(row, slot)).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let ids: Vec<RecordId> = wanted.into_iter().collect();
        let target = self.state().engine.catalog.get(&reference.object);
        let found = self.find(&target, &ids, Place::Live).await?;
        let missing: HashSet<RecordId> = ids
            .into_iter()
            .zip(found)
            .filter(|(_, found)| found.is_none())
            .map(|(id, _)| id)
            .collect();
        for row in chunk.good() {
            let Some(id) = changed_reference(row, slot) else {
                continue;
            };
            let message = if row.id.as_ref() == Some(&id) {
                "a record cannot refer to itself".to_owned()
            } else if missing.contains(&id) {
                format!("there is no such {}", reference.object)
            } else {
                continue;
            };
            let failure = RowFailure::new(row.index, StatusCode::InvalidCrossReferenceKey, message);
            row.failures.push(failure.with_field(field.name()));
        }
        Ok(())
    }
}

fn changed_reference(row: &RowState, slot: usize) -> Option<RecordId> {
    let id = row.new.as_ref()?.get_slot(slot).and_then(Value::as_id)?;
    let old = row.old.as_ref().and_then(|old| old.get_slot(slot)).and_then(Value::as_id);
    (old != Some(id)).then(|| id.clone())
}

/// A before handler may change every field but the id and the object.
fn keep_identity(object: &str, row: &mut RowState) {
    let Some(record) = &row.new else { return };
    let (status, message) = if !record.object().eq_ignore_ascii_case(object) {
        (StatusCode::InvalidType, "a handler put a record of another object in its place")
    } else if record.id() != row.id.as_ref() {
        (StatusCode::InvalidFieldForInsertUpdate, "a handler cannot change the id")
    } else {
        return;
    };
    row.failures.push(RowFailure::new(row.index, status, message).with_field("Id"));
}
