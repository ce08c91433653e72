//! Fields that after handlers want to have changed, and the one re-fire that follows (A5).

use std::collections::HashMap;

use super::execution::Execution;
use super::save::Chunk;
use crate::error::Result;
use crate::event::{EventPhase, Operation};
use crate::record::RecordId;
use crate::schema::Phase;
use crate::transaction::Image;
use crate::trigger::{FieldUpdate, RowState};

impl Execution {
    /// Updates the fields; checks, and the handlers before and after update, run once more.
    pub(super) async fn update_fields(&self, chunk: &mut Chunk) -> Result<()> {
        let updates = std::mem::take(&mut chunk.field_updates);
        let mut by_record: HashMap<RecordId, Vec<FieldUpdate>> = HashMap::new();
        for update in updates {
            by_record.entry(update.id.clone()).or_default().push(update);
        }
        let rows = chunk.rows.iter().filter_map(|row| {
            let updates = by_record.remove(row.id.as_ref()?)?;
            row.failures.is_empty().then(|| self.refired(chunk, row, updates)).flatten()
        });
        let rows: Vec<RowState> = rows.collect();
        let mut info = chunk.info;
        info.refire = true;
        let mut again = Chunk::new(&chunk.object, Operation::Update, info, rows, chunk.style);
        self.check(&mut again, Phase::Request).await?;
        self.fire(&mut again, EventPhase::Before).await?;
        self.check(&mut again, Phase::Save).await?;
        self.refuse_duplicates(&mut again).await?;
        self.stage(&mut again).await?;
        self.fire(&mut again, EventPhase::After).await?;
        chunk.spoiled |= again.spoiled;
        for failed in again.rows.into_iter().filter(|row| !row.failures.is_empty()) {
            let mut rows = chunk.rows.iter_mut();
            if let Some(row) = rows.find(|row| row.index == failed.index) {
                row.failures.extend(failed.failures);
            }
        }
        Ok(())
    }

    /// Returns the row for the re-fire: the record as it is now with the fields, over the image
    /// before the original save. `None` if a handler deleted the record.
    fn refired(
        &self,
        chunk: &Chunk,
        row: &RowState,
        updates: Vec<FieldUpdate>,
    ) -> Option<RowState> {
        let id = row.id.clone()?;
        let now = match self.transaction().get(&chunk.object.key, &id) {
            Some(Image::Live(record)) => record.clone(),
            _ => return None,
        };
        let old = row.old.clone().or_else(|| row.new.clone());
        let new = updates
            .into_iter()
            .fold(now, |record, FieldUpdate { field, value, .. }| record.with(&field, value));
        Some(RowState {
            index: row.index,
            id: Some(id),
            new: Some(chunk.object.conform(new)),
            old,
            failures: Vec::new(),
            change: None,
        })
    }
}
