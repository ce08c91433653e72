//! The meaning of a query: what a store answers that has nothing better, and what the others must
//! agree with.
//!
//! A [`Source`] holds records in memory; [`evaluate`] answers a resolved [`Query`] over it.

mod date;
mod group;
mod keep;
mod matcher;
mod read;
mod row;
mod sum;

pub use matcher::Matcher;
pub use sum::ExactSum;

use std::cmp::Ordering;

use super::filter::Filter;
use super::query::{OrderBy, Query, QueryAnswer, Rows, Select, Stored};
use crate::error::Result;
use crate::record::{Record, RecordId};
use read::Reader;

pub use super::like::LikePattern;
pub use super::query::{is_object_name, is_same};
pub use date::date_part;
pub use read::{distance, formatted};

/// Records in memory that queries are evaluated over.
pub trait Source {
    /// Returns the records of an object that a filter can keep, or more: an index may narrow them.
    fn scan<'a>(&'a self, object: &str, rows: &Rows, filter: Option<&Filter>) -> Scan<'a>;

    /// Returns what finds the records of an object by id; a deleted one only where `rows` is
    /// [`Rows::All`].
    fn finder<'a>(&'a self, object: &str, rows: &'a Rows) -> Finder<'a>;
}

/// Finds the records of one object by id.
pub type Finder<'a> = Box<dyn Fn(&RecordId) -> Option<&'a Record> + 'a>;

/// The records to look at.
#[derive(Debug)]
pub enum Scan<'a> {
    /// All of them, side by side.
    Whole(&'a [Stored]),
    /// Some that were found one by one.
    Found(Vec<&'a Stored>),
}

impl<'a> Scan<'a> {
    /// Nothing to look at.
    pub const NOTHING: Self = Self::Found(Vec::new());

    /// Returns every record.
    pub fn all(self) -> Vec<&'a Stored> {
        match self {
            Self::Whole(all) => all.iter().collect(),
            Self::Found(found) => found,
        }
    }
}

/// A source without records, for filters over a record alone.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Nothing;

impl Source for Nothing {
    fn scan<'a>(&'a self, _: &str, _: &Rows, _: Option<&Filter>) -> Scan<'a> {
        Scan::NOTHING
    }

    fn finder<'a>(&'a self, _: &str, _: &'a Rows) -> Finder<'a> {
        Box::new(|_| None)
    }
}

/// Some records of one object, for stores that narrow a query and let it be finished.
#[derive(Debug)]
struct Narrowed(Vec<Stored>);

impl Source for Narrowed {
    fn scan<'a>(&'a self, _: &str, _: &Rows, _: Option<&Filter>) -> Scan<'a> {
        Scan::Whole(&self.0)
    }

    fn finder<'a>(&'a self, _: &str, _: &'a Rows) -> Finder<'a> {
        Box::new(|_| None)
    }
}

/// Finishes a query over records that a store has found already: those that match, and maybe more.
/// It must look at no other object.
///
/// # Errors
/// As [`evaluate`].
pub fn finish(query: &Query, records: Vec<Stored>) -> Result<QueryAnswer> {
    evaluate(query, &Narrowed(records))
}

/// Answers a query that [`Query::resolve`] has resolved.
///
/// # Errors
/// [`ErrorKind::InvalidQuery`](crate::ErrorKind::InvalidQuery) if a sum is too large for a decimal.
pub fn evaluate(query: &Query, source: &dyn Source) -> Result<QueryAnswer> {
    if let Select::Groups(groups) = &query.select {
        return group::rows(query, groups, source);
    }
    let found = matching(query, source)?;
    if query.select == Select::Count {
        let left = found.len().saturating_sub(query.offset);
        let count = query.limit.map_or(left, |limit| left.min(limit));
        return Ok(QueryAnswer { count, records: Vec::new() });
    }
    let page = page(query, sorted(query, source, found));
    let records: Vec<Stored> = match row::Plan::of(query) {
        None => page.cloned().collect(),
        Some(plan) => {
            let mut projection = row::Projection::new(&plan, &query.rows, source);
            page.map(|stored| projection.stored(stored)).collect::<Result<_>>()?
        }
    };
    Ok(QueryAnswer { count: records.len(), records })
}

/// Returns the records that match, in no order.
fn matching<'a>(query: &Query, source: &'a dyn Source) -> Result<Vec<&'a Stored>> {
    let scan = source.scan(&query.object, &query.rows, query.filter.as_ref());
    match &query.filter {
        Some(filter) => Ok(Matcher::new(filter, &query.rows, source)?.select(scan)),
        None => Ok(scan.all()),
    }
}

/// Skips and cuts what is in order.
fn page<T>(query: &Query, rows: Vec<T>) -> impl Iterator<Item = T> {
    rows.into_iter().skip(query.offset).take(query.limit.unwrap_or(usize::MAX))
}

/// Sorts by the keys of the query, then by id; what stands behind its page may be missing.
fn sorted<'a>(query: &Query, source: &dyn Source, mut found: Vec<&'a Stored>) -> Vec<&'a Stored> {
    let end = query.limit.map(|limit| limit.saturating_add(query.offset));
    let by_id = |a: &Stored, b: &Stored| a.record.id().cmp(&b.record.id());
    if query.order.is_empty() {
        sort_until(&mut found, end, |a, b| by_id(a, b));
        return found;
    }
    let readers: Vec<Reader<'_>> =
        query.order.iter().map(|key| Reader::new(&key.operand, &query.rows, source)).collect();
    let read = |stored: &&'a Stored| readers.iter().map(|reader| reader.read(&stored.record));
    let keys: Vec<_> = found.iter().flat_map(read).collect();
    let keys_of = |place: usize| keys[place * readers.len()..].iter().map(Option::as_deref);
    let mut places: Vec<usize> = (0..found.len()).collect();
    sort_until(&mut places, end, |a, b| {
        let pairs = query.order.iter().zip(keys_of(*a).zip(keys_of(*b)));
        by_keys(pairs).then_with(|| by_id(found[*a], found[*b]))
    });
    places.into_iter().map(|place| found[place]).collect()
}

/// Sorts; where only those before `end` are wanted, the others go and are not sorted.
fn sort_until<T>(
    items: &mut Vec<T>,
    end: Option<usize>,
    mut compare: impl FnMut(&T, &T) -> Ordering,
) {
    if let Some(end) = end.filter(|end| *end < items.len()) {
        items.select_nth_unstable_by(end, &mut compare);
        items.truncate(end);
    }
    items.sort_unstable_by(compare);
}

type Pair<'a> = (Option<&'a crate::Value>, Option<&'a crate::Value>);

/// Compares the values of sort keys, most important first.
fn by_keys<'a>(mut pairs: impl Iterator<Item = (&'a OrderBy, Pair<'a>)>) -> Ordering {
    pairs
        .find_map(|(key, (a, b))| Some(key.compare(a, b)).filter(|order| order.is_ne()))
        .unwrap_or(Ordering::Equal)
}
