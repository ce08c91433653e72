//! Queries: committed records with this execution's own writes over them.

mod dataset;
mod explain;
mod need;
mod overlay;
mod stream;
mod typed;

pub use stream::QueryStream;
pub(super) use typed::query_context;

use std::collections::HashSet;
use std::pin::pin;
use std::sync::PoisonError;

use tracing::Instrument;

use super::catalog::key;
use super::execution::Execution;
use crate::db::{Column, Query, QueryAnswer, Rows, Select, Stored, Version};
use crate::error::Result;
use crate::governor::Limit;
use crate::record::Record;
use crate::report::{Doing, StepKind};
use crate::schema::nearest;
use crate::value::{Text, Value};

impl Execution {
    async fn counted(&self, query: &Query) -> Result<QueryAnswer> {
        let span = self.query_span(query);
        let answer = pin!(self.counted_now(query)).instrument(span.clone()).await;
        if let Ok(answer) = &answer {
            span.record("rows", answer.count);
        }
        answer
    }

    async fn counted_now(&self, query: &Query) -> Result<QueryAnswer> {
        let _turn = self.turn().await?;
        let step = self.step(StepKind::Query, &Text::from_static(word(query)));
        step.set(|step| step.object = query.object.clone());
        let answer = self.answered(query, &step).await;
        step.end(answer)
    }

    async fn answered(&self, query: &Query, step: &Doing<'_>) -> Result<QueryAnswer> {
        self.governor().charge(Limit::Queries, 1, self.payer())?;
        self.governor().charge(Limit::SubQueries, children(query), self.payer())?;
        let left = self.governor().limit_query_rows().saturating_sub(self.governor().query_rows());
        let before = circuit_alloc::held();
        let answer = self.stored(&bounded(query, left)).await?;
        self.hold_found(&answer, before)?;
        let rows = match query.select {
            Select::Count => 1,
            _ => answer.records.iter().map(|stored| rows(&stored.record)).sum(),
        };
        step.rows(rows);
        self.governor().charge(Limit::QueryRows, rows, self.payer())?;
        if answer.count == 0 && query.limit != Some(0) {
            Box::pin(self.warn_of_misspelling(&query.object)).await?;
        }
        self.note(query, &answer)?;
        Ok(answer)
    }

    /// A store that takes any object answers nothing for one that is misspelt. That is no error: an
    /// object without a schema may have no record yet. Each object is looked at once.
    async fn warn_of_misspelling(&self, object: &Text) -> Result<()> {
        let engine = &self.state().engine;
        let key = key(object);
        // Short names are near to many.
        if object.len() < 6
            || engine.db.describe(object).is_some()
            || self.staged_objects().contains(&key)
            || !self.doubts(key)
        {
            return Ok(());
        }
        let schemas = engine.db.schemas();
        let Some(near) = nearest(schemas.iter().map(|schema| schema.object()), object) else {
            return Ok(());
        };
        let any = Query::of(object).limit(1).count();
        if engine.db.query(&any).await?.count == 0 {
            let message = format!("the store has no record of this object; is it `{near}`?");
            self.log().warn(message).with("object", object.clone());
        }
        Ok(())
    }

    /// Notes that an object was looked at; false if it was before, or too many were.
    fn doubts(&self, object: Text) -> bool {
        let doubted = &self.state().engine.doubted;
        let mut doubted = doubted.lock().unwrap_or_else(PoisonError::into_inner);
        doubted.len() < MOST_DOUBTED && doubted.insert(object)
    }

    /// Remembers the versions of the records that a query found.
    fn note(&self, query: &Query, answer: &QueryAnswer) -> Result<()> {
        if matches!(query.select, Select::Groups(_)) {
            return Ok(());
        }
        let object = self.state().engine.catalog.get(&query.object);
        for stored in answer.records.iter().filter(|stored| stored.version != STAGED) {
            if let Some(id) = stored.record.id() {
                self.saw(&object, id, stored.version)?;
                if query.lock {
                    self.transaction().lock(&object.key, &object.name, id, stored.version);
                }
            }
        }
        Ok(())
    }

    /// Answers a query without counting it.
    pub(super) async fn stored(&self, query: &Query) -> Result<QueryAnswer> {
        let engine = &self.state().engine;
        let staged = self.staged_objects();
        if staged.is_empty() {
            let answer = engine.db.query(query).await?;
            return Ok(self.conformed(query, answer));
        }
        let query = query.resolve(&*engine.db)?;
        if need::objects(&query).is_disjoint(&staged) {
            let answer = engine.db.query(&query).await?;
            return Ok(self.conformed(&query, answer));
        }
        Box::pin(self.overlaid(&query, &staged)).await
    }

    /// Gives whole records the shape that the engine works with.
    fn conformed(&self, query: &Query, answer: QueryAnswer) -> QueryAnswer {
        if query.select != Select::Records {
            return answer;
        }
        let object = self.state().engine.catalog.get(&query.object);
        let conform = |stored: Stored| Stored { record: object.conform(stored.record), ..stored };
        let QueryAnswer { count, records } = answer;
        QueryAnswer { count, records: records.into_iter().map(conform).collect() }
    }

    /// Returns the keys of the objects of which this execution has written records.
    fn staged_objects(&self) -> HashSet<Text> {
        self.transaction().staged_objects().cloned().collect()
    }

    /// Returns what this execution has written of an object: each record with its image, `None` for
    /// one that the query does not see.
    fn staged_of(&self, object: &Text, rows: &Rows) -> Vec<(crate::RecordId, Option<Record>)> {
        let transaction = self.transaction();
        let seen = transaction.seen_of(object, *rows == Rows::All);
        seen.map(|(id, record)| (id.clone(), record.cloned())).collect()
    }
}

/// Names of objects can come from outside, so not all are remembered.
const MOST_DOUBTED: usize = 1_000;

/// The version of a record that only this execution has written.
pub(super) const STAGED: Version = Version(u64::MAX);

/// Returns what a report calls a query.
fn word(query: &Query) -> &'static str {
    match query.select {
        Select::Count => "count",
        Select::Groups(_) => "aggregate",
        _ => "query",
    }
}

/// Counts a row and the children in it.
fn rows(record: &Record) -> u64 {
    let children = record.iter().filter_map(|(_, value)| match value {
        Value::Records(records) => Some(records.iter().map(rows).sum::<u64>()),
        _ => None,
    });
    1 + children.sum::<u64>()
}

/// Counts the sub-queries of a query, those within others among them.
fn children(query: &Query) -> u64 {
    let Select::Columns(columns) = &query.select else {
        return 0;
    };
    let inner = columns.iter().filter_map(|column| match column {
        Column::Children(inner) => Some(1 + children(&inner.query)),
        _ => None,
    });
    inner.sum()
}

/// Asks for one record more than the governor allows at most: enough to see that it is too many.
fn bounded(query: &Query, left: u64) -> Query {
    let most = usize::try_from(left).unwrap_or(usize::MAX).saturating_add(1);
    let mut bounded = query.clone();
    if query.select != Select::Count {
        bounded.limit = Some(query.limit.map_or(most, |limit| limit.min(most)));
    }
    bounded
}
