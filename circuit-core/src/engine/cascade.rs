//! What a delete does to the records that refer to the deleted ones.
//!
//! As in Apex, records deleted or cleared on the way fire no triggers.

use std::collections::HashSet;

use super::catalog::{ObjectEntry, Referrer};
use super::execution::Execution;
use super::save::Chunk;
use crate::db::{Filter, Query, Stored};
use crate::error::{Result, RowFailure, StatusCode};
use crate::record::{Record, RecordId};
use crate::schema::OnDelete;
use crate::transaction::{Image, Origin};
use crate::value::{Text, Value};

/// A record to change along with a delete.
struct Effect {
    object: Text,
    id: RecordId,
    stored: Stored,
    image: Image,
}

impl Execution {
    /// Refuses rows that others hold on to, and stages what the rest drags along.
    pub(super) async fn settle_references(&self, chunk: &mut Chunk) -> Result<()> {
        if chunk.object.referrers.is_empty() {
            return Ok(());
        }
        let mut effects = Vec::new();
        for row in chunk.rows.iter_mut().filter(|row| row.failures.is_empty()) {
            let Some(id) = row.id.clone() else { continue };
            match self.effects_of(&chunk.object, id).await? {
                Ok(found) => effects.extend(found),
                Err(holder) => {
                    let message = format!("records of {} refer to it", holder.object);
                    let failure = RowFailure::new(row.index, StatusCode::DeleteFailed, message);
                    row.failures.push(failure.with_field(holder.field));
                }
            }
        }
        let mut transaction = self.transaction();
        for Effect { object, id, stored, image } in effects {
            transaction.stage(&object, &id, image, || Origin::Stored(stored));
        }
        Ok(())
    }

    /// Walks down from one deleted record; answers who refuses, if anybody does.
    async fn effects_of(
        &self,
        object: &ObjectEntry,
        id: RecordId,
    ) -> Result<std::result::Result<Vec<Effect>, Referrer>> {
        let mut effects = Vec::new();
        let mut deleted = HashSet::from([(object.key.clone(), id.clone())]);
        let mut queue = vec![(object.key.clone(), id)];
        while let Some((object, id)) = queue.pop() {
            for referrer in &self.state().engine.catalog.get(&object).referrers {
                let child = self.state().engine.catalog.get(&referrer.object);
                let query = Query::from(&child.name).filter(Filter::eq(&referrer.field, &id));
                for stored in self.stored(&query).await?.records {
                    let Some(own) = stored.record.id().cloned() else {
                        continue;
                    };
                    if deleted.contains(&(child.key.clone(), own.clone())) {
                        continue;
                    }
                    let image = match referrer.on_delete {
                        OnDelete::Restrict => return Ok(Err(referrer.clone())),
                        OnDelete::Clear => Image::Live(cleared(&stored.record, &referrer.field)),
                        OnDelete::Cascade => {
                            deleted.insert((child.key.clone(), own.clone()));
                            queue.push((child.key.clone(), own.clone()));
                            Image::Deleted(stored.record.clone())
                        }
                    };
                    effects.push(Effect { object: child.key.clone(), id: own, stored, image });
                }
            }
        }
        Ok(Ok(effects))
    }
}

fn cleared(record: &Record, field: &str) -> Record {
    record.clone().with(field, Value::Null)
}
