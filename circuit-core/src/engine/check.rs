//! Validation, before and after the before handlers (A4 steps 2 and 5).

use std::collections::HashSet;

use super::execution::Execution;
use super::load::{Place, conform};
use super::save::Chunk;
use crate::error::{Result, RowFailure, StatusCode};
use crate::event::{EventPhase, Operation, TriggerEvent};
use crate::record::{ID_SLOT, Record, RecordId};
use crate::schema::{FieldSchema, OnDelete, Phase, Reference, check, cut};
use crate::trigger::RowState;
use crate::value::Value;

impl Execution {
    /// Checks each row against its schema and its references against what is stored.
    pub(super) async fn check(&self, chunk: &mut Chunk, phase: Phase) -> Result<()> {
        match chunk.operation {
            Operation::Undelete if phase == Phase::Request => {
                return Box::pin(self.check_parents(chunk)).await;
            }
            Operation::Delete | Operation::Undelete => return Ok(()),
            Operation::Insert | Operation::Update => {}
        }
        let object = std::sync::Arc::clone(&chunk.object);
        chunk.good().for_each(|row| row.new.iter_mut().for_each(Record::drop_related));
        chunk.good().for_each(check_width);
        if phase == Phase::Save {
            chunk.good().for_each(|row| keep_identity(&object.name, row));
            chunk.good().for_each(|row| conform(&object, row));
        }
        let Some((schema, _)) = &object.schema else {
            return Ok(());
        };
        let truncate = chunk.style.truncate;
        let mut spoiled = false;
        for row in chunk.good() {
            let Some(record) = &mut row.new else { continue };
            if truncate {
                cut(schema, record);
            }
            check(schema, phase, record, row.index, &mut row.failures);
            let invalid = |failure: &RowFailure| failure.status != StatusCode::RequiredFieldMissing;
            spoiled |= row.failures.iter().any(invalid);
        }
        // What was valid in the request was made invalid by a before handler.
        chunk.spoiled |= spoiled && phase == Phase::Save;
        // The second time only handlers can have changed a reference.
        let event = TriggerEvent::of(EventPhase::Before, chunk.operation);
        if phase == Phase::Save && event.is_none_or(|event| object.handlers(event).is_empty()) {
            return Ok(());
        }
        for (i, field) in schema.fields().iter().enumerate() {
            if field.reference().is_some() {
                self.check_reference(chunk, i + 1, field).await?;
            }
        }
        Ok(())
    }

    /// What an undeleted record refers to may be gone by now: the field is cleared, or, where the
    /// record cannot be without it, the row is refused.
    async fn check_parents(&self, chunk: &mut Chunk) -> Result<()> {
        let object = std::sync::Arc::clone(&chunk.object);
        let fields =
            object.schema.iter().flat_map(|(schema, _)| schema.fields().iter().enumerate());
        for (i, field) in fields {
            let (slot, Some(reference)) = (i + 1, field.reference()) else { continue };
            let mut coming: HashSet<RecordId> = HashSet::new();
            if reference.objects().iter().any(|target| target.eq_ignore_ascii_case(&object.name)) {
                coming.extend(chunk.good().filter_map(|row| row.id.clone()));
            }
            let wanted = chunk.good().filter_map(|row| changed_reference(row, slot));
            let ids: Vec<RecordId> = wanted.filter(|id| !coming.contains(id)).collect();
            let gone = self.missing(reference, ids).await?;
            let refers = |row: &&mut RowState| {
                changed_reference(row, slot).is_some_and(|id| gone.contains(&id))
            };
            for row in chunk.good().filter(refers) {
                if reference.on_delete == OnDelete::Clear {
                    row.new.iter_mut().for_each(|record| record.set_slot(slot, Value::Null));
                } else {
                    let parent = reference.objects().join(" or ");
                    let message = format!("the {parent} that it refers to is deleted");
                    let failure = RowFailure::new(row.index, StatusCode::UndeleteFailed, message);
                    row.failures.push(failure.with_field(field.name()));
                }
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
        let missing = self.missing(reference, wanted.into_iter().collect()).await?;
        for row in chunk.good() {
            let Some(id) = changed_reference(row, slot) else {
                continue;
            };
            let message = if row.id.as_ref() == Some(&id) {
                "a record cannot refer to itself".to_owned()
            } else if missing.contains(&id) {
                format!("there is no such {}", reference.objects().join(" or "))
            } else {
                continue;
            };
            let failure = RowFailure::new(row.index, StatusCode::InvalidCrossReferenceKey, message);
            row.failures.push(failure.with_field(field.name()));
        }
        Ok(())
    }

    /// Returns which of the ids name no record that the reference can lead to.
    async fn missing(
        &self,
        reference: &Reference,
        mut ids: Vec<RecordId>,
    ) -> Result<HashSet<RecordId>> {
        for target in reference.objects() {
            let target = self.state().engine.catalog.get(&target);
            let found = self.look_up(&target, &ids, Place::Live).await?;
            let mut found = found.into_iter();
            ids.retain(|_| found.next().flatten().is_none());
        }
        Ok(ids.into_iter().collect())
    }
}

fn changed_reference(row: &RowState, slot: usize) -> Option<RecordId> {
    let id = row.new.as_ref()?.get_slot(slot).and_then(Value::as_id)?;
    let old = row.old.as_ref().and_then(|old| old.get_slot(slot)).and_then(Value::as_id);
    (old != Some(id)).then(|| id.clone())
}

/// An open record takes any field, but not any number of them.
fn check_width(row: &mut RowState) {
    if let Some(Err(error)) = row.new.as_ref().map(Record::check_width) {
        let message = error.to_string();
        row.failures.push(RowFailure::new(row.index, StatusCode::LimitExceeded, message));
    }
}

/// Whether something that is no id stands in the id's place.
fn is_no_id(record: &Record) -> bool {
    !matches!(record.get_slot(ID_SLOT), None | Some(Value::Null | Value::Id(_)))
}

/// A before handler may change every field but the id and the object.
fn keep_identity(object: &str, row: &mut RowState) {
    let Some(record) = &row.new else { return };
    let (status, message) = if !record.object().eq_ignore_ascii_case(object) {
        (StatusCode::InvalidType, "a handler put a record of another object in its place")
    } else if record.id() != row.id.as_ref() || is_no_id(record) {
        (StatusCode::InvalidFieldForInsertUpdate, "a handler cannot change the id")
    } else {
        return;
    };
    row.failures.push(RowFailure::new(row.index, status, message).with_field("Id"));
}
