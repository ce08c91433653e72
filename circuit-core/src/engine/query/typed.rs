//! Queries as a handler or a host asks them: typed, one record or many.

use crate::db::{Query, Select};
use crate::engine::builder::Engine;
use crate::engine::execution::Execution;
use crate::engine::start::Start;
use crate::error::{Error, ErrorKind, Result};
use crate::record::{AggregateRow, SObject, SlotCache};
use crate::soql::{IntoAggregate, IntoQuery, IntoRows, QueryContext, QueryTime};

use super::QueryStream;

/// Queries; each counts 1 query and a query row for each record, children included.
impl Execution {
    /// Returns the records that match, staged writes included.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidQuery`] if the query is on another object than `T` or names a field that
    /// the object lacks, [`ErrorKind::Conversion`] if a field has another type than in `T`,
    /// [`ErrorKind::LimitExceeded`].
    pub async fn query<T: SObject>(&self, query: impl IntoQuery<T>) -> Result<Vec<T>> {
        let query = query.into_query(&self.query_context())?;
        self.records(&query).await
    }

    /// Returns the one record that matches.
    ///
    /// # Errors
    /// [`ErrorKind::RowCount`] if there is none or more than one, else as [`query`](Self::query).
    pub async fn query_one<T: SObject>(&self, query: impl IntoQuery<T>) -> Result<T> {
        let query = query.into_query(&self.query_context())?;
        match self.at_most_one(&query).await? {
            Some(record) => Ok(record),
            None => Err(self.row_count("a query for one record found none", &query)),
        }
    }

    /// Returns the one record that matches, or `None`.
    ///
    /// # Errors
    /// [`ErrorKind::RowCount`] if there is more than one, else as [`query`](Self::query).
    pub async fn query_opt<T: SObject>(&self, query: impl IntoQuery<T>) -> Result<Option<T>> {
        let query = query.into_query(&self.query_context())?;
        self.at_most_one(&query).await
    }

    /// Returns the records that match one after the other, fetched in pages as they are asked for.
    ///
    /// Which records match, and their order, is found out once, at the first one: that counts as one
    /// query with a row for each record; the pages count nothing. A record that is deleted before its
    /// page comes is left out. `FOR UPDATE` guards the records of the pages that came.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidQuery`] as for [`query`](Self::query); the rest comes from the stream.
    pub fn query_stream<T: SObject>(&self, query: impl IntoQuery<T>) -> Result<QueryStream<T>> {
        let query = query.into_query(&self.query_context())?;
        self.gives_records(&query)?;
        same_object::<T>(&query)?;
        Ok(QueryStream::new(self.clone(), query))
    }

    /// Returns the number of records that match, staged writes included: 1 query row.
    ///
    /// # Errors
    /// As [`query`](Self::query).
    pub async fn count(&self, query: impl IntoRows) -> Result<usize> {
        let query = query.into_rows(&self.query_context())?;
        if matches!(query.select, Select::Groups(_)) {
            let message = "a query with groups has rows, not a number of records: use aggregate";
            return Err(self.wrong_shape(message, &query));
        }
        Ok(self.counted(&query.count()).await?.count)
    }

    /// Returns the rows of a query with groups, each as a struct with a field for each column.
    ///
    /// # Errors
    /// As [`query`](Self::query), and [`ErrorKind::InvalidQuery`] for a query without groups.
    pub async fn aggregate<T: AggregateRow>(&self, query: impl IntoAggregate<T>) -> Result<Vec<T>> {
        let query = query.into_aggregate(&self.query_context())?;
        match query.select {
            Select::Groups(_) => {
                let records = self.counted(&query).await?.records;
                let mut cache = SlotCache::default();
                records.iter().map(|stored| cache.read_row(&stored.record)).collect()
            }
            Select::Count => {
                Err(self.wrong_shape("COUNT() gives a number, not rows: use count", &query))
            }
            _ => {
                let message = "a query without groups gives records, not rows: use query";
                Err(self.wrong_shape(message, &query))
            }
        }
    }

    pub(super) async fn records<T: SObject>(&self, query: &Query) -> Result<Vec<T>> {
        self.gives_records(query)?;
        same_object::<T>(query)?;
        self.read(query).await
    }

    fn gives_records(&self, query: &Query) -> Result<()> {
        match query.select {
            Select::Groups(_) => {
                let message = "a query with groups gives rows, not records: use aggregate";
                Err(self.wrong_shape(message, query))
            }
            Select::Count => {
                let message = "COUNT() gives a number, not records: use count";
                Err(self.wrong_shape(message, query))
            }
            _ => Ok(()),
        }
    }

    fn wrong_shape(&self, message: &str, query: &Query) -> Error {
        let error = Error::new(ErrorKind::InvalidQuery, message).with("object", &query.object);
        if self.handler().is_empty() { error } else { error.with("handler", self.handler()) }
    }

    async fn read<T: SObject>(&self, query: &Query) -> Result<Vec<T>> {
        let records = self.counted(query).await?.records;
        let mut cache = SlotCache::default();
        records.iter().map(|stored| cache.read(&stored.record)).collect()
    }

    async fn at_most_one<T: SObject>(&self, query: &Query) -> Result<Option<T>> {
        let limit = query.limit.map_or(2, |limit| limit.min(2));
        let mut found: Vec<T> = self.records(&query.clone().limit(limit)).await?;
        if found.len() > 1 {
            return Err(self.row_count("a query for one record found more than one", query));
        }
        Ok(found.pop())
    }

    fn row_count(&self, message: &str, query: &Query) -> Error {
        let error = Error::new(ErrorKind::RowCount, message).with("object", &query.object);
        if self.handler().is_empty() {
            return error;
        }
        error.with("handler", self.handler()).with("execution", self.id())
    }

    pub(super) fn query_context(&self) -> QueryContext<'_> {
        let state = self.state();
        query_context(&state.engine, &state.start)
    }
}

/// Returns what the meaning of a query depends on now.
pub(in crate::engine) fn query_context<'a>(engine: &'a Engine, start: &Start) -> QueryContext<'a> {
    let user = Some(start.who.user.clone()).filter(|user| !user.is_empty());
    let zone = start.zone.unwrap_or(engine.zone);
    let time = QueryTime { now: engine.clock.now(), zone, user };
    QueryContext { time, db: &*engine.db, checked: &engine.checked }
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
