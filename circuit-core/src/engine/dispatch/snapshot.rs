//! Snapshots: what records were like, to know what a change changed.

use std::collections::HashMap;

use super::batch::Batch;
use crate::db::{CommitOutcome, CommitPlan, Stored, Write, WriteKind};
use crate::engine::session::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::event::TriggerEvent;
use crate::record::{Record, RecordId};
use crate::value::Text;

impl Batch {
    /// Writes the records as they are after the batch into the snapshot store.
    ///
    /// The last state wins: a snapshot that moved meanwhile holds a state that another batch saw.
    pub(super) async fn store_snapshots(&mut self, session: &Session) -> Result<()> {
        let Some(snapshots) = &session.engine.snapshots else {
            return Ok(());
        };
        let mut last: HashMap<(Text, RecordId), Option<Record>> = HashMap::new();
        let mut order = Vec::new();
        for change in &self.changes {
            let object = session.engine.catalog.get(change.event.fields.object());
            let key = (object.key.clone(), change.id.clone());
            if !last.contains_key(&key) {
                order.push(key.clone());
            }
            let gone = change.kind == TriggerEvent::AfterDelete;
            last.insert(key, if gone { None } else { change.new.clone() });
        }
        let writes: Vec<Write> = order
            .into_iter()
            .filter_map(|key| {
                let new = last.remove(&key).flatten();
                write(key.1.clone(), self.stored.remove(&key).flatten(), new)
            })
            .collect();
        if writes.is_empty() {
            return Ok(());
        }
        match snapshots.commit(CommitPlan::new(writes)).await? {
            CommitOutcome::Committed { .. } => Ok(()),
            CommitOutcome::Conflict { .. } | CommitOutcome::Refused(_) => Err(Error::new(
                ErrorKind::Conflict,
                "the snapshot store refused the images of a batch: they moved, or a value is taken",
            )),
        }
    }
}

fn write(id: RecordId, old: Option<Stored>, new: Option<Record>) -> Option<Write> {
    match (old, new) {
        (None, None) => None,
        (None, Some(new)) => Some(Write::new(WriteKind::Insert, id, new)),
        (Some(old), Some(new)) => {
            Some(Write::new(WriteKind::Update, id, new).with_base(old.record, old.version))
        }
        (Some(old), None) => {
            let record = old.record.clone();
            Some(Write::new(WriteKind::Purge, id, record).with_base(old.record, old.version))
        }
    }
}
