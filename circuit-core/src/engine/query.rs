//! Queries: committed records with this execution's own writes over them.

use std::collections::HashSet;

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
        let left = self.governor().limit_query_rows().saturating_sub(self.governor().query_rows());
        let answer = self.stored(&bounded(query, left)).await?;
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
        let mut staged = HashSet::new();
        let mut live = Vec::new();
        for (id, image) in self.transaction().of_object(&object.key) {
            staged.insert(id.clone());
            let fits = |record| query.filter.as_ref().is_none_or(|filter| filter.matches(record));
            match image {
                Image::Live(record) if fits(record) => {
                    live.push(Stored { record: record.clone(), version: STAGED });
                }
                _ => {}
            }
        }
        let conform = |stored: Stored| Stored { record: object.conform(stored.record), ..stored };
        if staged.is_empty() {
            let QueryAnswer { count, records } = engine.db.query(query).await?;
            return Ok(QueryAnswer { count, records: records.into_iter().map(conform).collect() });
        }
        let answer = engine.db.query(&widened(query, staged.len())).await?;
        let mut records: Vec<Stored> = answer.records.into_iter().map(conform).collect();
        records.retain(|stored| stored.record.id().is_none_or(|id| !staged.contains(id)));
        records.append(&mut live);
        Ok(query.finish(records))
    }
}

/// The version of a record that only this execution has written.
pub(super) const STAGED: Version = Version(u64::MAX);

/// Asks for one record more than the governor allows at most: enough to see that it is too many.
fn bounded(query: &Query, left: u64) -> Query {
    let most = usize::try_from(left).unwrap_or(usize::MAX).saturating_add(1);
    let mut bounded = query.clone();
    if !query.count {
        bounded.limit = Some(query.limit.map_or(most, |limit| limit.min(most)));
    }
    bounded
}

/// Asks for as many records more as staged ones may replace.
fn widened(query: &Query, staged: usize) -> Query {
    let mut wider = query.clone();
    wider.limit =
        query.limit.map(|limit| limit.saturating_add(query.offset).saturating_add(staged));
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
