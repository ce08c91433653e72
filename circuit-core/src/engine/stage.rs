//! The save, not committed yet: records go into the transaction (A4 step 7).

use super::execution::Execution;
use super::load::unique_fields;
use super::save::Chunk;
use crate::db::{IdPolicy, Stored, Version};
use crate::error::{Result, RowFailure, StatusCode};
use crate::event::Operation;
use crate::record::{ID_SLOT, Record, RecordId};
use crate::transaction::{Image, Origin, Transaction};
use crate::trigger::RowState;
use crate::value::{Text, Value};

impl Execution {
    /// Stages each good row; a new record has its id from here on.
    pub(super) async fn stage(&self, chunk: &mut Chunk) -> Result<()> {
        self.alive()?;
        match (chunk.operation, chunk.master.clone()) {
            (Operation::Delete, None) => Box::pin(self.settle_references(chunk)).await?,
            (Operation::Delete, Some(master)) => Box::pin(self.reparent(chunk, &master)).await?,
            (Operation::Undelete, _) => {
                let object = std::sync::Arc::clone(&chunk.object);
                for at in 0..chunk.rows.len() {
                    let row = &chunk.rows[at];
                    if let (true, Some(root)) = (row.failures.is_empty(), row.id.clone()) {
                        let along = self.change_taken_along(&object, &root, Image::Live);
                        let along = Box::pin(along).await?;
                        chunk.restored.extend(along.into_iter().map(|(key, id)| (at, key, id)));
                    }
                }
            }
            _ => {}
        }
        let (operation, key) = (chunk.operation, &chunk.object.key);
        let mut transaction = self.transaction();
        for (at, (row, version)) in chunk.rows.iter_mut().zip(&chunk.versions).enumerate() {
            if !row.failures.is_empty() {
                continue;
            }
            if operation == Operation::Insert {
                self.stage_insert(&mut transaction, key, &chunk.object.name, row);
            } else {
                stage_change(&mut transaction, operation, key, row, *version);
            }
            if chunk.style.isolate && row.failures.is_empty() {
                chunk.staged.push(at);
            }
            for (slot, _) in unique_fields(&chunk.object) {
                let value = row.new.as_ref().and_then(|record| record.get_slot(slot));
                if let (Some(id), Some(value)) = (&row.id, value.and_then(Value::unique_key)) {
                    transaction.claim(key, slot, value, id);
                }
            }
        }
        drop(transaction);
        if let Some(master) = chunk.master.clone() {
            name_master(chunk, &master);
        }
        Ok(())
    }

    fn stage_insert(
        &self,
        transaction: &mut Transaction,
        key: &Text,
        object: &str,
        row: &mut RowState,
    ) {
        let Some(record) = &mut row.new else { return };
        let id = if let Some(id) = &row.id {
            id.clone()
        } else {
            let id = self.staged_id(transaction, object);
            record.set_slot(ID_SLOT, Value::Id(id.clone()));
            id
        };
        if transaction.stage_new(key, &id, record.clone()) {
            row.id = Some(id);
        } else {
            let message = "another record has this value";
            let failure = RowFailure::new(row.index, StatusCode::DuplicateValue, message);
            row.failures.push(failure.with_field("Id"));
        }
    }

    fn staged_id(&self, transaction: &mut Transaction, object: &str) -> RecordId {
        let engine = &self.state().engine;
        match engine.db.capability().ids {
            IdPolicy::Caller => engine.ids.record_id(object),
            IdPolicy::Store => transaction.placeholder(),
        }
    }
}

fn stage_change(
    transaction: &mut Transaction,
    operation: Operation,
    key: &Text,
    row: &RowState,
    version: Option<Version>,
) {
    let Some(id) = &row.id else { return };
    let (image, before) = match (operation, &row.new, &row.old) {
        (Operation::Delete, _, Some(old)) => {
            // A handler may have updated the record before its delete: that is what is deleted (A2).
            let now = match transaction.get(key, id) {
                Some(Image::Live(record)) => record.clone(),
                _ => old.clone(),
            };
            (Image::Deleted(now, None), old)
        }
        (_, Some(new), old) => (Image::Live(new.clone()), old.as_ref().unwrap_or(new)),
        _ => return,
    };
    let in_bin = operation == Operation::Undelete;
    transaction.stage(key, id, image, || origin(before, version, in_bin));
}

/// In after delete the merged records name the master, as `MasterRecordId` does in Apex (A10).
fn name_master(chunk: &mut Chunk, master: &RecordId) {
    for row in chunk.good() {
        row.old = row.old.take().map(|old| old.with("MasterRecordId", master));
    }
}

/// A record that is staged for the first time was read from the store, so it has a version.
fn origin(before: &Record, version: Option<Version>, in_bin: bool) -> Origin {
    match version {
        None => Origin::New,
        Some(version) => {
            let stored = Stored { record: before.clone(), version };
            if in_bin { Origin::RecycleBin(stored) } else { Origin::Stored(stored) }
        }
    }
}
