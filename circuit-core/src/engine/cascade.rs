//! What a delete does to the records that refer to the deleted ones.
//!
//! As in Apex, records deleted or cleared on the way fire no triggers.

use std::collections::HashMap;

use super::catalog::{ObjectEntry, Referrer};
use super::execution::Execution;
use super::query::STAGED;
use super::save::Chunk;
use crate::db::{Filter, Query, Stored};
use crate::error::{Result, RowFailure, StatusCode};
use crate::event::Operation;
use crate::record::RecordId;
use crate::schema::OnDelete;
use crate::transaction::{Image, Origin};
use crate::value::{Text, Value};

/// An object's key and a record's id.
type Key = (Text, RecordId);

/// A record that changes along with a delete.
pub(super) struct Effect {
    pub(super) key: Key,
    pub(super) stored: Stored,
    /// The fields that become another value, each with the row that brings it about.
    pub(super) set: Vec<(usize, Text, Value)>,
    /// The row whose delete takes this one along, and its record.
    pub(super) deleted_with: Option<(usize, RecordId)>,
}

/// A record that does not let another one go.
struct Holder {
    key: Key,
    referrer: Referrer,
    /// The row whose delete it stops.
    row: usize,
    /// Whether it is in a before handler right now, and so cannot be changed.
    in_flight: bool,
}

/// One walk down from the deleted records: each record has one effect, however often it refers.
#[derive(Default)]
struct Walk {
    /// The records that are deleted, with the row that began it.
    deleted: HashMap<Key, usize>,
    effects: Vec<Effect>,
    places: HashMap<Key, usize>,
    holders: Vec<Holder>,
}

impl Execution {
    /// Refuses rows that others hold on to, and stages what the rest drags along.
    pub(super) async fn settle_references(&self, chunk: &mut Chunk) -> Result<()> {
        if chunk.object.referrers.is_empty() {
            return Ok(());
        }
        loop {
            let walk = self.walk(chunk).await?;
            let holds =
                |holder: &&Holder| holder.in_flight || !walk.deleted.contains_key(&holder.key);
            let held: Vec<&Holder> = walk.holders.iter().filter(holds).collect();
            if held.is_empty() {
                chunk.effects = self.stage_effects(walk.effects);
                return Ok(());
            }
            // What the refused rows would have dragged along stays, so the walk begins anew.
            for Holder { row, referrer, in_flight, .. } in held {
                let row = &mut chunk.rows[*row];
                if row.failures.is_empty() {
                    row.failures.push(refusal(row.index, referrer, *in_flight));
                }
            }
        }
    }

    /// Walks down, a level at a time, with one query for each field that refers.
    async fn walk(&self, chunk: &Chunk) -> Result<Walk> {
        let mut walk = Walk::default();
        let mut level: Vec<(Key, usize)> = Vec::new();
        for (at, row) in chunk.rows.iter().enumerate() {
            if let (true, Some(id)) = (row.failures.is_empty(), &row.id) {
                level.push(((chunk.object.key.clone(), id.clone()), at));
            }
        }
        walk.deleted.extend(level.iter().cloned());
        while !level.is_empty() {
            let mut by_object: HashMap<Text, HashMap<RecordId, usize>> = HashMap::new();
            for ((object, id), row) in level.drain(..) {
                by_object.entry(object).or_default().insert(id, row);
            }
            for (object, parents) in by_object {
                let object = self.state().engine.catalog.get(&object);
                for referrer in &object.referrers {
                    self.follow(referrer, &parents, chunk, &mut walk, &mut level).await?;
                }
            }
        }
        Ok(walk)
    }

    /// Looks who refers to the parents through one field.
    async fn follow(
        &self,
        referrer: &Referrer,
        parents: &HashMap<RecordId, usize>,
        chunk: &Chunk,
        walk: &mut Walk,
        next: &mut Vec<(Key, usize)>,
    ) -> Result<()> {
        let child = self.state().engine.catalog.get(&referrer.object);
        for (stored, parent) in self.referring(&child, referrer, parents.keys()).await? {
            let (Some(own), Some(&row)) = (stored.record.id().cloned(), parents.get(&parent))
            else {
                continue;
            };
            let operation = match referrer.on_delete {
                OnDelete::Cascade => Operation::Delete,
                OnDelete::Clear | OnDelete::Restrict => Operation::Update,
            };
            let in_flight = self.is_in_flight(&child, &own, operation);
            let key = (child.key.clone(), own);
            match referrer.on_delete {
                _ if in_flight || referrer.on_delete == OnDelete::Restrict => {
                    let referrer = referrer.clone();
                    walk.holders.push(Holder { key, referrer, row, in_flight });
                }
                OnDelete::Clear | OnDelete::Restrict => {
                    let set = (row, referrer.field.clone(), Value::Null);
                    walk.effect(key, stored).set.push(set);
                }
                OnDelete::Cascade => {
                    if !walk.deleted.contains_key(&key) {
                        walk.deleted.insert(key.clone(), row);
                        let root = chunk.rows[row].id.clone();
                        walk.effect(key.clone(), stored).deleted_with =
                            root.map(|root| (row, root));
                        next.push((key, row));
                    }
                }
            }
        }
        Ok(())
    }

    /// Returns the records that refer to any of the ids through a field, each with the one it means.
    pub(super) async fn referring(
        &self,
        child: &ObjectEntry,
        referrer: &Referrer,
        ids: impl Iterator<Item = &RecordId>,
    ) -> Result<Vec<(Stored, RecordId)>> {
        let ids: Vec<Value> = ids.map(Value::from).collect();
        let query = Query::of(&child.name).filter(Filter::is_in(&referrer.field, ids));
        let mut found = Vec::new();
        for stored in self.stored(&query).await?.records {
            if let (true, Some(id)) = (stored.version != STAGED, stored.record.id()) {
                self.saw(child, id, stored.version)?;
            }
            let parent = stored.record.get(&referrer.field).and_then(Value::as_id).cloned();
            found.extend(parent.map(|parent| (stored, parent)));
        }
        Ok(found)
    }

    /// Stages what changes along with a call; answers it, for rows that are taken back.
    pub(super) fn stage_effects(&self, effects: Vec<Effect>) -> Vec<Effect> {
        let mut transaction = self.transaction();
        for effect in &effects {
            let (object, id) = &effect.key;
            let origin = || Origin::Stored(effect.stored.clone());
            transaction.stage(object, id, effect.image(), origin);
        }
        effects
    }
}

impl Effect {
    /// Returns the record with the effect.
    pub(super) fn image(&self) -> Image {
        let set = self.set.iter();
        let record = set.fold(self.stored.record.clone(), |record, (_, field, value)| {
            record.with(field, value.clone())
        });
        match &self.deleted_with {
            Some((_, root)) => Image::Deleted(record, Some(Box::new(root.clone()))),
            None => Image::Live(record),
        }
    }

    /// Whether any of the rows brings it about.
    pub(super) fn is_of(&self, rows: &[usize]) -> bool {
        self.set.iter().any(|(row, ..)| rows.contains(row))
            || self.deleted_with.as_ref().is_some_and(|(row, _)| rows.contains(row))
    }

    /// Takes away what the rows bring about; answers whether anything is left.
    pub(super) fn without(&mut self, rows: &[usize]) -> bool {
        self.set.retain(|(row, ..)| !rows.contains(row));
        if self.deleted_with.as_ref().is_some_and(|(row, _)| rows.contains(row)) {
            self.deleted_with = None;
        }
        !self.set.is_empty() || self.deleted_with.is_some()
    }
}

/// Why a record cannot be deleted.
fn refusal(index: usize, referrer: &Referrer, in_flight: bool) -> RowFailure {
    let (status, message) = if in_flight {
        let what = "is in a before handler, which cannot write it by DML";
        let message = format!("a record of {} refers to it and {what}", referrer.object);
        (StatusCode::SelfReferenceFromTrigger, message)
    } else {
        (StatusCode::DeleteFailed, format!("records of {} refer to it", referrer.object))
    };
    RowFailure::new(index, status, message).with_field(referrer.field.clone())
}

impl Walk {
    /// Returns the one effect of a record.
    fn effect(&mut self, key: Key, stored: Stored) -> &mut Effect {
        let effects = &mut self.effects;
        let place = *self.places.entry(key.clone()).or_insert_with(|| {
            effects.push(Effect { key, stored, set: Vec::new(), deleted_with: None });
            effects.len() - 1
        });
        &mut self.effects[place]
    }
}
