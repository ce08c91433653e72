//! Taking back single rows: one savepoint for each record that an after handler refuses.

use std::sync::Arc;

use super::catalog::ObjectEntry;
use super::execution::Execution;
use super::load::unique_fields;
use super::save::Chunk;
use crate::error::{RowFailure, StatusCode};
use crate::event::Operation;
use crate::record::{Record, RecordId};
use crate::schema::OnDelete;
use crate::transaction::{Image, Mark, Origin};
use crate::value::Value;

impl Execution {
    /// Takes back the refused rows of a chunk with what came about through them.
    ///
    /// A row that cannot stand without a refused one is refused too, and so on.
    pub(super) fn take_back_refused(&self, chunk: &mut Chunk, mark: Mark) {
        loop {
            let refused: Vec<usize> =
                chunk.staged.extract_if(.., |at| !chunk.rows[*at].failures.is_empty()).collect();
            if refused.is_empty() {
                return;
            }
            for &at in &refused {
                if let Some(id) = chunk.rows[at].id.clone() {
                    self.transaction().take_back(mark, &chunk.object.key, &id);
                    if chunk.operation == Operation::Insert {
                        self.let_go(chunk, mark, &Arc::clone(&chunk.object), &id);
                    }
                }
            }
            self.take_back_effects(chunk, mark, &refused);
            self.refuse_taken_values(chunk, &refused);
        }
    }

    /// What changed along with the rows goes back, but for what other rows brought about.
    fn take_back_effects(&self, chunk: &mut Chunk, mark: Mark, refused: &[usize]) {
        let mut transaction = self.transaction();
        for effect in chunk.effects.iter_mut().filter(|effect| effect.is_of(refused)) {
            let (object, id) = effect.key.clone();
            transaction.take_back(mark, &object, &id);
            if effect.without(refused) {
                let origin = || Origin::Stored(effect.stored.clone());
                transaction.stage(&object, &id, effect.image(), origin);
            }
        }
        for (_, object, id) in chunk.restored.extract_if(.., |(at, ..)| refused.contains(at)) {
            transaction.take_back(mark, &object, &id);
        }
    }

    /// What refers to a new record that is not there any more: cleared, or taken back as well.
    fn let_go(&self, chunk: &mut Chunk, mark: Mark, object: &Arc<ObjectEntry>, id: &RecordId) {
        for referrer in &object.referrers {
            let child = self.state().engine.catalog.get(&referrer.object);
            for (own, record) in self.staged_referring(&child, &referrer.field, id) {
                if referrer.on_delete == OnDelete::Clear {
                    let image = Image::Live(record.with(&referrer.field, Value::Null));
                    self.transaction().stage(&child.key, &own, image, || Origin::New);
                    continue;
                }
                let row = chunk
                    .rows
                    .iter_mut()
                    .find(|row| child.key == chunk.object.key && row.id.as_ref() == Some(&own));
                if let Some(row) = row {
                    let message = "it refers to a record of the call that was refused";
                    let status = StatusCode::InvalidCrossReferenceKey;
                    let failure = RowFailure::new(row.index, status, message);
                    row.failures.push(failure.with_field(referrer.field.clone()));
                } else {
                    self.transaction().take_back(mark, &child.key, &own);
                    self.let_go(chunk, mark, &child, &own);
                }
            }
        }
    }

    fn staged_referring(
        &self,
        child: &ObjectEntry,
        field: &str,
        id: &RecordId,
    ) -> Vec<(RecordId, Record)> {
        let transaction = self.transaction();
        let referring = transaction.of_object(&child.key).filter_map(|(own, image)| match image {
            Image::Live(record) if record.get(field).and_then(Value::as_id) == Some(id) => {
                Some((own.clone(), record.clone()))
            }
            _ => None,
        });
        referring.collect()
    }

    /// A unique value that a refused row has again is not free for a row that took it over.
    fn refuse_taken_values(&self, chunk: &mut Chunk, refused: &[usize]) {
        for &at in refused {
            for (slot, field) in unique_fields(&Arc::clone(&chunk.object)) {
                let old = chunk.rows[at].old.as_ref().and_then(|old| old.get_slot(slot));
                let Some(value) = old.and_then(Value::unique_key) else { continue };
                let holder = self.transaction().holder(&chunk.object.key, slot, &value).cloned();
                let took = chunk.rows.iter_mut().filter(|row| row.failures.is_empty());
                for row in took.filter(|row| row.id.is_some() && row.id == holder) {
                    let message = "another record has this value";
                    let failure = RowFailure::new(row.index, StatusCode::DuplicateValue, message);
                    row.failures.push(failure.with_field(field.name()));
                }
            }
        }
    }
}
