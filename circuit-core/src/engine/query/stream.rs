//! Records one after the other, fetched in pages.

use std::collections::VecDeque;
use std::fmt;

use crate::db::{Column, Filter, Query, Select};
use crate::engine::execution::Execution;
use crate::error::Result;
use crate::record::{RecordId, SObject, SlotCache};

/// How many records a page has.
const PAGE: usize = 200;

/// The records that match a query, fetched in pages of 200 as they are asked for; made by
/// [`Execution::query_stream`].
///
/// A page is fetched when the one before is used up, so a slow reader holds no more than a page.
pub struct QueryStream<T> {
    execution: Execution,
    query: Query,
    /// The ids of the records to come; `None` until the first is asked for.
    ids: Option<VecDeque<RecordId>>,
    page: VecDeque<T>,
}

impl<T: SObject> QueryStream<T> {
    pub(super) fn new(execution: Execution, query: Query) -> Self {
        Self { execution, query, ids: None, page: VecDeque::new() }
    }

    /// Returns the next record; `None` after the last.
    ///
    /// # Errors
    /// As [`Execution::query`].
    pub async fn next(&mut self) -> Result<Option<T>> {
        while self.page.is_empty() && self.fetch().await? {}
        Ok(self.page.pop_front())
    }

    /// Returns the next records, at most 200; an empty list after the last.
    ///
    /// # Errors
    /// As [`Execution::query`].
    pub async fn next_page(&mut self) -> Result<Vec<T>> {
        while self.page.is_empty() && self.fetch().await? {}
        Ok(std::mem::take(&mut self.page).into())
    }

    /// Fetches a page; answers whether there was one to fetch.
    async fn fetch(&mut self) -> Result<bool> {
        if self.ids.is_none() {
            self.ids = Some(self.execution.matching_ids(&self.query).await?);
        }
        let ids = self.ids.get_or_insert_default();
        let page: Vec<RecordId> = ids.drain(..PAGE.min(ids.len())).collect();
        if page.is_empty() {
            return Ok(false);
        }
        self.page = self.execution.page(&self.query, page).await?;
        Ok(true)
    }
}

impl Execution {
    async fn matching_ids(&self, query: &Query) -> Result<VecDeque<RecordId>> {
        let ids = Select::Columns(vec![Column::field("Id")]);
        let query = Query { select: ids, lock: false, ..query.clone() };
        let found = self.counted(&query).await?.records;
        Ok(found.into_iter().filter_map(|stored| stored.record.id().cloned()).collect())
    }

    /// Returns the records with these ids in the order of the query, without counting them again.
    async fn page<T: SObject>(&self, query: &Query, ids: Vec<RecordId>) -> Result<VecDeque<T>> {
        let _turn = self.turn().await?;
        let filter = Some(Filter::is_in("Id", ids));
        let page = Query { filter, limit: None, offset: 0, ..query.clone() };
        let before = circuit_alloc::held();
        let found = self.stored(&page).await?;
        self.hold_found(&found, before)?;
        self.note(&page, &found)?;
        let mut cache = SlotCache::default();
        found.records.iter().map(|stored| cache.read(&stored.record)).collect()
    }
}

impl<T> fmt::Debug for QueryStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueryStream").field("object", &self.query.object).finish_non_exhaustive()
    }
}
