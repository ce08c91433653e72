//! Deleted records go for good (Apex: `Database.emptyRecycleBin`); no trigger runs.

use super::chunk::state;
use super::execution::Execution;
use super::load::Place;
use super::save::Pass;
use crate::db::Stored;
use crate::dml::SaveResult;
use crate::error::{Result, RowFailure, StatusCode};
use crate::record::{Record, RecordId};
use crate::transaction::{Image, Origin};

impl Execution {
    /// Takes rows out of the recycle bin, each by its id.
    pub(super) async fn purge(&self, rows: Vec<(usize, Record)>) -> Result<Pass> {
        let mut results = Vec::with_capacity(rows.len());
        for chunk in self.split(rows)? {
            let object = self.state().engine.catalog.get(chunk[0].1.object());
            let rows: Vec<_> = chunk.into_iter().map(state).collect();
            let ids: Vec<RecordId> = rows.iter().filter_map(|row| row.id.clone()).collect();
            let mut found = self.find(&object, &ids, Place::RecycleBin).await?.into_iter();
            let mut purged = Vec::with_capacity(ids.len());
            for mut row in rows {
                let there = row.id.as_ref().and_then(|_| found.next().flatten());
                if let (Some(id), Some((record, version))) = (&row.id, there) {
                    let origin = || match version {
                        None => Origin::New,
                        Some(version) => {
                            Origin::RecycleBin(Stored { record: record.clone(), version })
                        }
                    };
                    let image = Image::Gone(record.clone());
                    self.transaction().stage(&object.key, id, image, origin);
                    purged.push(id.clone());
                } else {
                    let message = "no such record in the recycle bin";
                    let failure = RowFailure::new(row.index, StatusCode::EntityIsDeleted, message);
                    row.failures.push(failure.with_field("Id"));
                }
                results.push(SaveResult::new(row.id, false, row.failures));
            }
            for root in &purged {
                self.change_taken_along(&object, root, Image::Gone).await?;
            }
        }
        Ok(Pass { results, spoiled: false })
    }
}
