//! Ids and unique values that are taken, found before the save so that each row learns of it.

use std::collections::HashMap;

use super::catalog::ObjectEntry;
use super::execution::Execution;
use super::load::unique_fields;
use super::save::Chunk;
use crate::db::{FetchKey, FetchRequest, Stored};
use crate::error::{Result, RowFailure, StatusCode};
use crate::event::Operation;
use crate::record::RecordId;
use crate::transaction::Image;
use crate::trigger::RowState;
use crate::value::{Text, Value};

/// A row that wants a key for itself.
struct Claim {
    /// The row's place in the chunk.
    row: usize,
    /// The slot of the unique field; `None` for the id.
    slot: Option<usize>,
    key: FetchKey,
}

impl Execution {
    /// Gives a failure to each row whose id or unique value another record has.
    pub(super) async fn refuse_duplicates(&self, chunk: &mut Chunk) -> Result<()> {
        if chunk.operation == Operation::Delete {
            return Ok(());
        }
        let mut claims = claims(chunk);
        if claims.is_empty() {
            return Ok(());
        }
        self.refuse_staged(chunk, &mut claims);
        let keys: Vec<FetchKey> = claims.iter().map(|claim| claim.key.clone()).collect();
        let request = FetchRequest::by_keys(chunk.object.name.clone(), keys);
        let stored = self.state().engine.db.fetch(&request).await?;
        for (claim, stored) in claims.into_iter().zip(stored) {
            let Some(stored) = stored else { continue };
            if self.still_holds(
                &chunk.object,
                &claim,
                &stored,
                chunk.rows[claim.row].id.as_ref(),
            ) {
                refuse(&mut chunk.rows[claim.row], &claim);
            }
        }
        Ok(())
    }

    /// Drops the claims that clash with a record of this execution or an earlier row.
    fn refuse_staged(&self, chunk: &mut Chunk, claims: &mut Vec<Claim>) {
        let mut holders = self.staged_holders(&chunk.object);
        claims.retain(|claim| {
            let Some(slot) = claim.slot else { return true };
            let FetchKey::Unique { value, .. } = &claim.key else {
                return true;
            };
            let Some(key) = value.unique_key() else {
                return true;
            };
            let row = &mut chunk.rows[claim.row];
            match holders.get(&(slot, key.clone())) {
                Some(holder) if holder.is_none() || *holder != row.id => {
                    refuse(row, claim);
                    false
                }
                _ => {
                    holders.insert((slot, key), row.id.clone());
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
    fn still_holds(
        &self,
        object: &ObjectEntry,
        claim: &Claim,
        stored: &Stored,
        own: Option<&RecordId>,
    ) -> bool {
        let (Some(slot), Some(id)) = (claim.slot, stored.record.id()) else {
            return true;
        };
        if own == Some(id) {
            return false;
        }
        let transaction = self.transaction();
        match transaction.get(&object.key, id) {
            None => true,
            Some(Image::Deleted(_)) => false,
            Some(Image::Live(record)) => {
                let key = |value: Option<&Value>| value.and_then(Value::unique_key);
                key(record.get_slot(slot)) == key(stored.record.get_slot(slot))
            }
        }
    }
}

/// The keys that the rows of a chunk want and did not have before.
fn claims(chunk: &mut Chunk) -> Vec<Claim> {
    let operation = chunk.operation;
    let unique: Vec<_> = unique_fields(&chunk.object)
        .map(|(slot, field)| (slot, field.name().clone()))
        .collect();
    let mut claims = Vec::new();
    for (at, row) in chunk
        .rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.failures.is_empty())
    {
        let Some(record) = &row.new else { continue };
        if operation == Operation::Insert
            && let Some(id) = &row.id
        {
            claims.push(Claim {
                row: at,
                slot: None,
                key: FetchKey::Id(id.clone()),
            });
        }
        for (slot, field) in &unique {
            let Some(value) = record.get_slot(*slot) else {
                continue;
            };
            let old = row.old.as_ref().and_then(|old| old.get_slot(*slot));
            let key = value.unique_key();
            if key.is_some() && key != old.and_then(Value::unique_key) {
                let key = FetchKey::Unique {
                    field: field.clone(),
                    value: value.clone(),
                };
                claims.push(Claim {
                    row: at,
                    slot: Some(*slot),
                    key,
                });
            }
        }
    }
    claims
}

fn refuse(row: &mut RowState, claim: &Claim) {
    let field = match &claim.key {
        FetchKey::Id(_) => Text::from_static("Id"),
        FetchKey::Unique { field, .. } => field.clone(),
    };
    let message = "another record has this value";
    let failure = RowFailure::new(row.index, StatusCode::DuplicateValue, message);
    row.failures.push(failure.with_field(field));
}
