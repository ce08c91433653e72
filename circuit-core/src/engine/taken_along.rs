//! Records that a cascade took along: they come back, or go for good, with the one they went with.

use std::sync::Arc;

use super::catalog::ObjectEntry;
use super::execution::Execution;
use crate::db::Query;
use crate::error::Result;
use crate::record::{Record, RecordId};
use crate::transaction::{Image, Origin};
use crate::value::Text;

impl Execution {
    /// Gives a new image to what the delete of the root took along; no triggers run.
    ///
    /// Answers the object's key and the id of each.
    pub(super) async fn change_taken_along(
        &self,
        object: &ObjectEntry,
        root: &RecordId,
        image: fn(Record) -> Image,
    ) -> Result<Vec<(Text, RecordId)>> {
        let mut changed = Vec::new();
        for child in &self.below(object) {
            let query = Query::of(&child.name).deleted_with(root);
            let stored = self.state().engine.db.query(&query).await?.records;
            let mut transaction = self.transaction();
            let staged: Vec<(RecordId, Record)> = transaction
                .of_object(&child.key)
                .filter_map(|(id, image)| match image {
                    Image::Deleted(record, Some(with)) if **with == *root => {
                        Some((id.clone(), record.clone()))
                    }
                    _ => None,
                })
                .collect();
            for (id, record) in staged {
                transaction.stage(&child.key, &id, image(record), || Origin::New);
                changed.push((child.key.clone(), id));
            }
            for stored in stored {
                let Some(id) = stored.record.id().cloned() else { continue };
                if transaction.get(&child.key, &id).is_none() {
                    let image = image(child.conform(stored.record.clone()));
                    transaction.stage(&child.key, &id, image, || Origin::RecycleBin(stored));
                    changed.push((child.key.clone(), id));
                }
            }
        }
        Ok(changed)
    }

    /// Returns the objects whose records a delete of this object's may take along.
    fn below(&self, object: &ObjectEntry) -> Vec<Arc<ObjectEntry>> {
        let catalog = &self.state().engine.catalog;
        let mut found: Vec<Arc<ObjectEntry>> = Vec::new();
        let mut queue = vec![catalog.get(&object.key)];
        while let Some(object) = queue.pop() {
            for child in object.cascades().map(|referrer| catalog.get(&referrer.object)) {
                if found.iter().all(|known| known.key != child.key) {
                    found.push(Arc::clone(&child));
                    queue.push(child);
                }
            }
        }
        found
    }
}
