//! Queries over staged writes: what the store has is fetched, and the query finished here.
//!
//! Staged records replace those of the store. Of the store's, those are fetched that can match, with
//! the parents, lists and children that the query names; the evaluator does the rest.

use std::collections::HashSet;

use super::dataset::Dataset;
use super::{STAGED, need};
use crate::db::eval::evaluate;
use crate::db::{Children, FetchRequest, Filter, Hop, Query, QueryAnswer, Rows, Select, Stored};
use crate::engine::catalog::key;
use crate::engine::execution::Execution;
use crate::error::Result;
use crate::record::RecordId;
use crate::value::{Text, Value};

impl Execution {
    /// Answers a resolved query that looks at objects of which this execution has written records.
    pub(super) async fn overlaid(
        &self,
        query: &Query,
        staged: &HashSet<Text>,
    ) -> Result<QueryAnswer> {
        let mut dataset = self.staged_dataset(query);
        self.gather(query, query, staged, &mut dataset).await?;
        evaluate(query, &dataset)
    }

    /// Returns the staged records of all objects that a query looks at.
    pub(super) fn staged_dataset(&self, query: &Query) -> Dataset {
        let mut dataset = Dataset::default();
        for object in need::objects(query) {
            for (id, record) in self.staged_of(&object, &query.rows) {
                let stored = record.map(|record| Stored { record, version: STAGED });
                dataset.add(&object, id, stored);
            }
        }
        dataset
    }

    /// Fetches what a query is evaluated over; it is `whole`, or inside of it.
    async fn gather(
        &self,
        whole: &Query,
        query: &Query,
        staged: &HashSet<Text>,
        dataset: &mut Dataset,
    ) -> Result<()> {
        let asked = asked(query, staged, dataset);
        self.fetch_matching(&asked, dataset).await?;
        for way in need::ways_from(whole, &query.object) {
            self.gather_parents(&query.object, &way, &query.rows, dataset).await?;
        }
        let mut lists = Vec::new();
        if let Some(filter) = &query.filter {
            filter.queries(&mut |list| lists.push(list));
        }
        for list in lists {
            Box::pin(self.gather(whole, list, staged, dataset)).await?;
        }
        let mut children = Vec::new();
        need::children(query, &mut |own| children.push(own));
        if children.is_empty() {
            return Ok(());
        }
        let records = Query { select: Select::Records, ..query.clone() };
        let parents = evaluate(&records, dataset)?.records;
        let ids: Vec<RecordId> =
            parents.iter().filter_map(|stored| stored.record.id().cloned()).collect();
        for children in children {
            let query = of_parents(children, &ids);
            Box::pin(self.gather(whole, &query, staged, dataset)).await?;
        }
        Ok(())
    }

    /// Asks the store for whole records.
    async fn fetch_matching(&self, query: &Query, dataset: &mut Dataset) -> Result<()> {
        let engine = &self.state().engine;
        let entry = engine.catalog.get(&query.object);
        for stored in engine.db.query(query).await?.records {
            if let Some(id) = stored.record.id().cloned() {
                let record = entry.conform(stored.record);
                dataset.add(&entry.key, id, Some(Stored { record, version: stored.version }));
            }
        }
        Ok(())
    }

    /// Fetches the parents to which a path leads from the records of an object.
    async fn gather_parents(
        &self,
        object: &Text,
        path: &[Hop],
        rows: &Rows,
        dataset: &mut Dataset,
    ) -> Result<()> {
        let mut from = vec![object.clone()];
        for hop in path {
            let ids: HashSet<RecordId> = from
                .iter()
                .flat_map(|object| dataset.records(object))
                .filter_map(|stored| stored.record.get(&hop.reference).and_then(id_of))
                .collect();
            for object in &hop.objects {
                self.fetch_parents(object, &ids, rows, dataset).await?;
            }
            from.clone_from(&hop.objects);
        }
        Ok(())
    }

    async fn fetch_parents(
        &self,
        object: &Text,
        ids: &HashSet<RecordId>,
        rows: &Rows,
        dataset: &mut Dataset,
    ) -> Result<()> {
        let engine = &self.state().engine;
        let entry = engine.catalog.get(object);
        let missing = |id: &&RecordId| !dataset.knows(&entry.key, id) && !id.is_placeholder();
        let wanted: Vec<RecordId> = ids.iter().filter(missing).cloned().collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let mut request = FetchRequest::by_id(object.clone(), wanted.iter().cloned());
        if *rows == Rows::All {
            request = request.anywhere();
        }
        for (id, found) in wanted.into_iter().zip(engine.db.fetch(&request).await?) {
            let conform =
                |stored: Stored| Stored { record: entry.conform(stored.record), ..stored };
            dataset.add_parent(&entry.key, id, found.map(conform));
        }
        Ok(())
    }
}

fn id_of(value: &Value) -> Option<RecordId> {
    match value {
        Value::Id(id) => Some(id.clone()),
        Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

/// Returns the query for the records that can match: whole ones, and no more than can be wanted.
pub(super) fn asked(query: &Query, staged: &HashSet<Text>, dataset: &Dataset) -> Query {
    let mut asked = Query::of(&query.object);
    asked.rows = query.rows.clone();
    asked.filter = query.filter.as_ref().and_then(|filter| need::weakened(filter, staged));
    let whole = asked.filter == query.filter;
    let in_order = !query.order.iter().any(|key| need::reads(&key.operand, staged));
    if whole && in_order && !matches!(query.select, Select::Groups(_)) {
        // Staged records can replace so many of those that the store would answer with.
        let replaced = dataset.size(&key(&query.object));
        asked.limit =
            query.limit.map(|limit| limit.saturating_add(query.offset).saturating_add(replaced));
        asked.order.clone_from(&query.order);
    }
    asked
}

/// Returns the query for the children of some records; limits are each parent's own.
fn of_parents(children: &Children, ids: &[RecordId]) -> Query {
    let of_parents = Filter::is_in(&children.reference, ids.iter());
    let mut query = Query { limit: None, offset: 0, ..children.query.clone() };
    query.filter = Some(match query.filter.take() {
        Some(filter) => of_parents.and(filter),
        None => of_parents,
    });
    query
}
