//! Ids and unique values that are taken, found before the save so that each row learns of it.

use std::collections::HashMap;

use super::catalog::ObjectEntry;
use super::execution::Execution;
use super::load::unique_fields;
use super::save::Chunk;
use crate::db::{FetchKey, FetchRequest, Stored};
use crate::error::{Result, RowFailure, StatusCode};
use crate::event::Operation;
use crate::record::{ID_SLOT, RecordId};
use crate::schema::FieldSchema;
use crate::transaction::Image;
use crate::value::{Text, Value};

/// A row that wants a key for itself.
#[derive(Clone, Copy)]
struct Claim {
    /// The row's place in the chunk.
    row: usize,
    /// The slot of the unique field, or of the id.
    slot: usize,
}

impl Execution {
    /// Gives a failure to each row whose id or unique value another record has.
    pub(super) async fn refuse_duplicates(&self, chunk: &mut Chunk) -> Result<()> {
        if chunk.operation == Operation::Delete {
            return Ok(());
        }
        let unique: Vec<usize> = unique_fields(&chunk.object).map(|(slot, _)| slot).collect();
        let mut claims = claims(chunk, &unique);
        if claims.is_empty() {
            return Ok(());
        }
        if !unique.is_empty() {
            self.refuse_staged(chunk, &mut claims);
        }
        let keys = claims.iter().filter_map(|claim| claim.key(chunk)).collect();
        let request = FetchRequest::by_keys(chunk.object.name.clone(), keys);
        let stored = self.state().engine.db.fetch(&request).await?;
        for (claim, stored) in claims.into_iter().zip(stored) {
            let Some(stored) = stored else { continue };
            if self.still_holds(chunk, claim, &stored) {
                claim.refuse(chunk);
            }
        }
        Ok(())
    }

    /// Drops the claims that clash with a record of this execution or an earlier row.
    fn refuse_staged(&self, chunk: &mut Chunk, claims: &mut Vec<Claim>) {
        let mut holders = self.staged_holders(&chunk.object);
        claims.retain(|claim| {
            let row = &chunk.rows[claim.row];
            let Some(key) = claim.value(chunk).and_then(Value::unique_key) else {
                return true;
            };
            if claim.slot == ID_SLOT {
                return true;
            }
            match holders.get(&(claim.slot, key.clone())) {
                Some(holder) if holder.is_none() || *holder != row.id => {
                    claim.refuse(chunk);
                    false
                }
                _ => {
                    holders.insert((claim.slot, key), row.id.clone());
                    true
                }
            }
        });
    }

    /// Returns who holds which unique value among the staged records.
    fn staged_holders(&self, object: &ObjectEntry) -> HashMap<(usize, Text), Option<RecordId>> {
        let mut holders = HashMap::new();
        let transaction = self.transaction();
        for (id, image) in transaction.of_object(&object.key) {
            let Image::Live(record) = image else { continue };
            for (slot, _) in unique_fields(object) {
                if let Some(key) = record.get_slot(slot).and_then(Value::unique_key) {
                    holders.insert((slot, key), Some(id.clone()));
                }
            }
        }
        holders
    }

    /// Whether a stored record keeps the key: it may be this row's own, or changed by this execution.
    fn still_holds(&self, chunk: &Chunk, claim: Claim, stored: &Stored) -> bool {
        let Some(id) = stored.record.id() else {
            return true;
        };
        if claim.slot == ID_SLOT {
            return true;
        }
        if chunk.rows[claim.row].id.as_ref() == Some(id) {
            return false;
        }
        let transaction = self.transaction();
        match transaction.get(&chunk.object.key, id) {
            None => true,
            Some(Image::Deleted(_)) => false,
            Some(Image::Live(record)) => {
                let key = |value: Option<&Value>| value.and_then(Value::unique_key);
                key(record.get_slot(claim.slot)) == key(stored.record.get_slot(claim.slot))
            }
        }
    }
}

impl Claim {
    fn value(self, chunk: &Chunk) -> Option<&Value> {
        chunk.rows[self.row].new.as_ref()?.get_slot(self.slot)
    }

    fn field(self, chunk: &Chunk) -> Text {
        let fields = chunk.object.schema.iter().flat_map(|(schema, _)| schema.fields());
        let field = fields.skip(self.slot.wrapping_sub(1)).map(FieldSchema::name).next();
        field.filter(|_| self.slot != ID_SLOT).cloned().unwrap_or(Text::from_static("Id"))
    }

    fn key(self, chunk: &Chunk) -> Option<FetchKey> {
        if self.slot == ID_SLOT {
            return chunk.rows[self.row].id.clone().map(FetchKey::Id);
        }
        let value = self.value(chunk)?.clone();
        Some(FetchKey::Unique { field: self.field(chunk), value })
    }

    fn refuse(self, chunk: &mut Chunk) {
        let field = self.field(chunk);
        let row = &mut chunk.rows[self.row];
        let message = "another record has this value";
        let failure = RowFailure::new(row.index, StatusCode::DuplicateValue, message);
        row.failures.push(failure.with_field(field));
    }
}

/// The keys that the rows of a chunk want and did not have before.
fn claims(chunk: &Chunk, unique: &[usize]) -> Vec<Claim> {
    let mut claims = Vec::new();
    for (at, row) in chunk.rows.iter().enumerate().filter(|(_, row)| row.failures.is_empty()) {
        let Some(record) = &row.new else { continue };
        if chunk.operation == Operation::Insert && row.id.is_some() {
            claims.push(Claim { row: at, slot: ID_SLOT });
        }
        for &slot in unique {
            let key = record.get_slot(slot).and_then(Value::unique_key);
            let old = row.old.as_ref().and_then(|old| old.get_slot(slot));
            if key.is_some() && key != old.and_then(Value::unique_key) {
                claims.push(Claim { row: at, slot });
            }
        }
    }
    claims
}
