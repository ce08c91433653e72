//! The first stage: old images, and the new ones over them (A4 steps 1 and 2).

use super::catalog::ObjectEntry;
use super::execution::Execution;
use super::save::Chunk;
use crate::db::{FetchRequest, IdPolicy, Stored, Version};
use crate::error::{Result, RowFailure, StatusCode};
use crate::event::Operation;
use crate::record::{ID_SLOT, Record, RecordId};
use crate::schema::FieldSchema;
use crate::transaction::Image;
use crate::trigger::RowState;
use crate::value::Value;

/// A record that was found, with its version if it came from the store.
pub(super) type Found = Option<(Record, Option<Version>)>;

/// Where to look for a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Live,
    RecycleBin,
}

impl Execution {
    /// Gives each row its old and new image, or a failure.
    pub(super) async fn load(&self, chunk: &mut Chunk) -> Result<()> {
        if chunk.operation == Operation::Insert {
            let ids = self.state().engine.db.capability().ids;
            let object = &chunk.object;
            chunk.rows.iter_mut().for_each(|row| begin_insert(object, ids, row));
            return Ok(());
        }
        self.refuse_self_reference(chunk);
        let operation = chunk.operation;
        let place = if operation == Operation::Undelete { Place::RecycleBin } else { Place::Live };
        chunk.good().filter(|row| row.id.is_none()).for_each(|row| {
            let message = format!("an {operation} needs the record's id");
            let failure = RowFailure::new(row.index, StatusCode::MissingArgument, message);
            row.failures.push(failure.with_field("Id"));
        });
        let ids: Vec<RecordId> = chunk.rows.iter().filter_map(|row| row.id.clone()).collect();
        let mut found = self.find(&chunk.object, &ids, place).await?.into_iter();
        for (row, version) in chunk.rows.iter_mut().zip(&mut chunk.versions) {
            if row.id.is_some() {
                *version = begin_change(operation, row, found.next().flatten());
            }
        }
        let object = &chunk.object;
        chunk.rows.iter_mut().for_each(|row| conform(object, row));
        Ok(())
    }

    /// Finds records by id, as the basis of writes: another version than before is a conflict.
    pub(super) async fn find(
        &self,
        object: &ObjectEntry,
        ids: &[RecordId],
        place: Place,
    ) -> Result<Vec<Found>> {
        let found = self.look_up(object, ids, place).await?;
        for (id, found) in ids.iter().zip(&found) {
            if let Some((_, Some(version))) = found {
                self.saw(object, id, *version)?;
            }
        }
        Ok(found)
    }

    /// Finds records by id: as staged if this execution wrote them, else as stored.
    pub(super) async fn look_up(
        &self,
        object: &ObjectEntry,
        ids: &[RecordId],
        place: Place,
    ) -> Result<Vec<Found>> {
        let mut found: Vec<Found> = vec![None; ids.len()];
        let mut missing = Vec::new();
        {
            let transaction = self.transaction();
            for (at, id) in ids.iter().enumerate() {
                match (transaction.get(&object.key, id), place) {
                    (None, _) => missing.push(at),
                    (Some(Image::Live(record)), Place::Live)
                    | (Some(Image::Deleted(record, _)), Place::RecycleBin) => {
                        found[at] = Some((record.clone(), None));
                    }
                    _ => {}
                }
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        let keys = missing.iter().map(|&at| ids[at].clone());
        let mut request = FetchRequest::by_id(object.name.clone(), keys);
        if place == Place::RecycleBin {
            request = request.in_recycle_bin();
        }
        let stored = self.state().engine.db.fetch(&request).await?;
        for (at, stored) in missing.into_iter().zip(stored) {
            if let Some(Stored { record, version }) = stored {
                found[at] = Some((object.conform(record), Some(version)));
            }
        }
        Ok(found)
    }

    /// Notes the version of a record that was read; another one than before is a conflict.
    pub(super) fn saw(&self, object: &ObjectEntry, id: &RecordId, version: Version) -> Result<()> {
        if self.transaction().saw(&object.key, id, version) {
            Ok(())
        } else {
            Err(self.conflict(&object.name, id))
        }
    }
}

/// Takes the id apart from the record and fills in defaults.
fn begin_insert(object: &ObjectEntry, ids: IdPolicy, row: &mut RowState) {
    let Some(record) = &mut row.new else { return };
    if let Some(Value::Null) = record.get_slot(ID_SLOT) {
        record.remove("Id");
    }
    let failure = match (record.get_slot(ID_SLOT), ids) {
        (Some(Value::Id(_)), IdPolicy::Store) => Some((
            StatusCode::InvalidFieldForInsertUpdate,
            "an id cannot be given on insert: the store assigns it",
        )),
        (Some(value), _) if value.as_id().is_none_or(RecordId::is_placeholder) => {
            Some((StatusCode::InvalidType, "the id is not an id of a record"))
        }
        _ => None,
    };
    if let Some((status, message)) = failure {
        row.failures.push(RowFailure::new(row.index, status, message).with_field("Id"));
    }
    conform(object, row);
    fill_defaults(object, row);
}

/// A declared field that the caller says nothing about gets its default, else null.
fn fill_defaults(object: &ObjectEntry, row: &mut RowState) {
    let (Some((schema, _)), Some(record)) = (&object.schema, &mut row.new) else {
        return;
    };
    for (i, field) in schema.fields().iter().enumerate() {
        if record.get_slot(i + 1).is_none() {
            let default = field.default().map(|value| field.field_type().coerce(value));
            record.set_slot(i + 1, default.and_then(Result::ok).unwrap_or_default());
        }
    }
}

/// Sets the images of a row that names a stored record; answers that record's version.
fn begin_change(operation: Operation, row: &mut RowState, found: Found) -> Option<Version> {
    let Some((record, version)) = found else {
        let (status, message) = if operation == Operation::Undelete {
            (StatusCode::UndeleteFailed, "no such record in the recycle bin")
        } else {
            (StatusCode::EntityIsDeleted, "no such record, or it is deleted")
        };
        row.failures.push(RowFailure::new(row.index, status, message).with_field("Id"));
        return None;
    };
    let patch = row.new.take();
    match operation {
        Operation::Insert | Operation::Update => {
            let mut new = patch.map_or_else(|| record.clone(), |patch| record.patched(&patch));
            keep_id(&record, &mut new);
            (row.new, row.old) = (Some(new), Some(record));
        }
        Operation::Delete => row.old = Some(record),
        Operation::Undelete => row.new = Some(record),
    }
    version
}

/// The caller may have written the id in its other form; the record keeps its own.
fn keep_id(old: &Record, new: &mut Record) {
    let text = |record: &Record| record.id().map(|id| id.as_str().to_owned());
    if let Some(id) = old.id()
        && text(old) != text(new)
    {
        new.set_slot(ID_SLOT, Value::Id(id.clone()));
    }
}

/// Brings the new image into the schema's shape.
pub(super) fn conform(object: &ObjectEntry, row: &mut RowState) {
    row.new = row.new.take().map(|record| object.conform(record));
}

impl ObjectEntry {
    /// Brings a record into the schema's shape: declared fields first, in their order.
    pub(super) fn conform(&self, record: Record) -> Record {
        let Some((_, shape)) = &self.schema else {
            return record;
        };
        if std::sync::Arc::ptr_eq(shape, record.shape()) {
            return record;
        }
        let wider = shape.extended(record.shape().names().iter().map(|name| &**name));
        record.with_shape(&wider)
    }
}

/// Returns the declared unique fields of an object with their slots.
pub(super) fn unique_fields(object: &ObjectEntry) -> impl Iterator<Item = (usize, &FieldSchema)> {
    let fields = object.schema.iter().flat_map(|(schema, _)| schema.fields().iter().enumerate());
    fields.filter(|(_, field)| field.is_unique()).map(|(i, field)| (i + 1, field))
}
