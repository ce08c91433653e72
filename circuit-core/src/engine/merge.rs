//! What refers to merged records refers to the master then (A10).

use std::collections::HashMap;
use std::sync::Arc;

use super::cascade::Effect;
use super::execution::Execution;
use super::save::Chunk;
use crate::error::{Result, RowFailure, StatusCode};
use crate::event::Operation;
use crate::record::RecordId;
use crate::value::Value;

impl Execution {
    /// Lets what refers to the merged records refer to the master; no triggers run.
    pub(super) async fn reparent(&self, chunk: &mut Chunk, master: &RecordId) -> Result<()> {
        let merged: HashMap<RecordId, usize> = chunk
            .rows
            .iter()
            .enumerate()
            .filter(|(_, row)| row.failures.is_empty())
            .filter_map(|(at, row)| Some((row.id.clone()?, at)))
            .collect();
        let object = Arc::clone(&chunk.object);
        for referrer in &object.referrers {
            let child = self.state().engine.catalog.get(&referrer.object);
            let same = child.key == object.key;
            let mut effects = Vec::new();
            for (stored, parent) in self.referring(&child, referrer, merged.keys()).await? {
                let Some(id) = stored.record.id().cloned() else { continue };
                let Some(&row) =
                    merged.get(&parent).filter(|_| !(same && merged.contains_key(&id)))
                else {
                    continue;
                };
                if self.is_in_flight(&child, &id, Operation::Update) {
                    let row = &mut chunk.rows[row];
                    let message = "a record in a before handler refers to it";
                    let status = StatusCode::SelfReferenceFromTrigger;
                    let failure = RowFailure::new(row.index, status, message);
                    row.failures.push(failure.with_field(referrer.field.clone()));
                    continue;
                }
                // The master itself cannot refer to itself.
                let value = if same && id == *master { Value::Null } else { Value::from(master) };
                let set = vec![(row, referrer.field.clone(), value)];
                effects.push(Effect {
                    key: (child.key.clone(), id),
                    stored,
                    set,
                    deleted_with: None,
                });
            }
            // One field at a time: a record that refers by two fields is staged twice, in turn.
            self.stage_effects(effects);
        }
        Ok(())
    }
}

/// A master that refers to a merged record refers to nothing then.
pub(super) fn detach_master(others: &Chunk, master: &mut Chunk) {
    let merged: Vec<&RecordId> = others.rows.iter().filter_map(|row| row.id.as_ref()).collect();
    let own = master
        .object
        .referrers
        .iter()
        .filter(|r| r.object.eq_ignore_ascii_case(&master.object.name));
    for referrer in own {
        for record in master.rows.iter_mut().filter_map(|row| row.new.as_mut()) {
            let refers = record.get(&referrer.field).and_then(Value::as_id);
            if refers.is_some_and(|id| merged.contains(&id)) {
                record.set(&referrer.field, Value::Null);
            }
        }
    }
}
