//! Ids and unique values that are taken, found before the save so that each row learns of it.

use std::collections::HashSet;

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
        let claims = claims(chunk, &unique);
        if claims.is_empty() {
            return Ok(());
        }
        let keys = claims.iter().filter_map(|claim| claim.key(chunk)).collect();
        let request = FetchRequest::by_keys(chunk.object.name.clone(), keys).anywhere();
        let mut stored = self.state().engine.db.fetch(&request).await?;
        for stored in stored.iter_mut().flatten() {
            let conformed = chunk.object.conform(stored.record.clone());
            stored.record = conformed;
        }
        // A refused row keeps its old value, so a row that was to take it over is refused next.
        while self.refuse_taken(chunk, &claims, &stored) {}
        Ok(())
    }

    /// Refuses the good rows whose claims clash; answers whether there were any.
    fn refuse_taken(&self, chunk: &mut Chunk, claims: &[Claim], stored: &[Option<Stored>]) -> bool {
        let mut earlier: HashSet<(usize, Text)> = HashSet::new();
        let mut refused = false;
        for (claim, stored) in claims.iter().zip(stored) {
            if !chunk.rows[claim.row].failures.is_empty() {
                continue;
            }
            let taken = stored
                .as_ref()
                .is_some_and(|stored| self.still_holds(chunk, *claim, stored))
                || self.is_staged_elsewhere(chunk, *claim)
                || claim.unique_key(chunk).is_some_and(|key| !earlier.insert((claim.slot, key)));
            if taken {
                claim.refuse(chunk);
                refused = true;
            }
        }
        refused
    }

    /// Whether another record of this execution has the value.
    fn is_staged_elsewhere(&self, chunk: &Chunk, claim: Claim) -> bool {
        let Some(key) = claim.unique_key(chunk) else {
            return false;
        };
        let transaction = self.transaction();
        let holder = transaction.holder(&chunk.object.key, claim.slot, &key);
        holder.is_some_and(|id| {
            chunk.rows[claim.row].id.as_ref() != Some(id) && !chunk.moves_away(id, claim.slot, &key)
        })
    }

    /// Whether a stored record keeps the key: it may be this row's own, or changed by this execution.
    fn still_holds(&self, chunk: &Chunk, claim: Claim, stored: &Stored) -> bool {
        let Some(id) = stored.record.id() else {
            return true;
        };
        if claim.slot == ID_SLOT {
            return true;
        }
        let key = stored.record.get_slot(claim.slot).and_then(Value::unique_key);
        if chunk.rows[claim.row].id.as_ref() == Some(id)
            || key.is_some_and(|key| chunk.moves_away(id, claim.slot, &key))
        {
            return false;
        }
        let transaction = self.transaction();
        match transaction.get(&chunk.object.key, id) {
            None => true,
            Some(Image::Deleted(..) | Image::Gone(_)) => false,
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

    /// Returns the value of a unique field; `None` for an id.
    fn unique_key(self, chunk: &Chunk) -> Option<Text> {
        (self.slot != ID_SLOT).then(|| self.value(chunk).and_then(Value::unique_key)).flatten()
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

impl Chunk {
    /// Whether a row of this chunk gives a value up, so that another may have it.
    fn moves_away(&self, id: &RecordId, slot: usize, key: &Text) -> bool {
        self.rows.iter().any(|row| {
            let new = row.new.as_ref().and_then(|record| record.get_slot(slot));
            row.failures.is_empty()
                && row.id.as_ref() == Some(id)
                && new.and_then(Value::unique_key).as_ref() != Some(key)
        })
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
