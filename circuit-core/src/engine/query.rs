//! Queries: committed records with this execution's own writes over them.

use super::execution::Execution;
use crate::db::{Query, QueryAnswer, Stored, Version};
use crate::error::{Error, ErrorKind, Result};
use crate::governor::Limit;
use crate::record::{SObject, SlotCache};
use crate::transaction::Image;

impl Execution {
    /// Returns the records that match, staged writes included: 1 query, a query row each.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidQuery`] if the query is on another object than `T` or names a field that
    /// the object lacks, [`ErrorKind::Conversion`] if a field has another type than in `T`,
    /// [`ErrorKind::LimitExceeded`].
    pub async fn query<T: SObject>(&self, query: Query) -> Result<Vec<T>> {
        same_object::<T>(&query)?;
        let records = self.counted(&query).await?.records;
        let mut cache = SlotCache::default();
        records.iter().map(|stored| cache.read(&stored.record)).collect()
    }

    /// Returns the number of records that match, staged writes included: 1 query, 1 query row.
    ///
    /// # Errors
    /// As [`query`](Self::query).
    pub async fn count(&self, query: Query) -> Result<usize> {
        Ok(self.counted(&query.count()).await?.count)
    }

    async fn counted(&self, query: &Query) -> Result<QueryAnswer> {
        let _turn = self.turn().await?;
        self.governor().charge(Limit::Queries, 1, self.handler())?;
        let answer = self.stored(query).await?;
        let rows = if query.count { 1 } else { answer.records.len() as u64 };
        self.governor().charge(Limit::QueryRows, rows, self.handler())?;
        let object = self.state().engine.catalog.get(&query.object);
        for stored in answer.records.iter().filter(|stored| stored.version != STAGED) {
            if let Some(id) = stored.record.id() {
                self.saw(&object, id, stored.version)?;
            }
        }
        Ok(answer)
    }

    /// Answers a query without counting it.
    pub(super) async fn stored(&self, query: &Query) -> Result<QueryAnswer> {
        let engine = &self.state().engine;
        let object = engine.catalog.get(&query.object);
        let staged: Vec<(crate::RecordId, Image)> = {
            let transaction = self.transaction();
            let all = transaction.of_object(&object.key);
            all.map(|(id, image)| (id.clone(), image.clone())).collect()
        };
        if staged.is_empty() {
            return engine.db.query(query).await;
        }
        let answer = engine.db.query(&widened(query, staged.len())).await?;
        let ids: std::collections::HashSet<_> = staged.iter().map(|(id, _)| id).collect();
        let mut records = answer.records;
        records.retain(|stored| stored.record.id().is_none_or(|id| !ids.contains(id)));
        for (_, image) in &staged {
            if let Image::Live(record) = image
                && query.filter.as_ref().is_none_or(|filter| filter.matches(record))
            {
                records.push(Stored { record: record.clone(), version: STAGED });
            }
        }
        Ok(query.finish(records))
    }
}

/// The version of a record that only this execution has written.
const STAGED: Version = Version(u64::MAX);

/// Asks for as many records more as staged ones may replace.
fn widened(query: &Query, staged: usize) -> Query {
    let mut wider = query.clone();
    wider.limit = query.limit.map(|limit| limit + query.offset + staged);
    (wider.offset, wider.count) = (0, false);
    wider
}

fn same_object<T: SObject>(query: &Query) -> Result<()> {
    match T::OBJECT {
        Some(object) if !query.object.eq_ignore_ascii_case(object) => {
            Err(Error::new(ErrorKind::InvalidQuery, "the query is on another object than its type")
                .with("object", &query.object)
                .with("type", object))
        }
        _ => Ok(()),
    }
}
