//! Groups and their aggregates.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::super::filter::{Filter, total_order};
use super::super::plan::Version;
use super::super::query::{
    Aggregate, Groups, Operand, OrderBy, Query, QueryAnswer, Stored, is_same,
};
use super::read::{Reader, formatted};
use super::sum::ExactSum;
use super::{Matcher, Nothing, Source, matching, page, sorted};
use crate::error::{Error, ErrorKind, Result};
use crate::record::{Record, Shape};
use crate::value::{Text, Value};

/// The name that rows of groups have for their object, as in Apex.
const AGGREGATE_RESULT: &str = "AggregateResult";

/// Answers a query with groups.
pub(super) fn rows(query: &Query, groups: &Groups, source: &dyn Source) -> Result<QueryAnswer> {
    let found = matching(query, source)?;
    let terms = Terms::of(query, groups);
    let made = collect(query, groups, &terms, &found, source)?;
    let inner = terms.rewritten(query, groups);
    let kept: Vec<&Stored> = match &inner.filter {
        Some(having) => {
            let matcher = Matcher::alone(having)?;
            made.iter().filter(|row| matcher.matches(&row.record)).collect()
        }
        None => made.iter().collect(),
    };
    let names = groups.columns.iter().map(|(_, name)| name.as_str());
    let shape = Shape::of(AGGREGATE_RESULT).extended(names);
    let places: Vec<(usize, String)> = groups
        .columns
        .iter()
        .filter_map(|(operand, name)| Some((shape.slot(name)?, terms.name(operand)?)))
        .collect();
    let row = |stored: &Stored| {
        let mut record = Record::of_shape(Arc::clone(&shape));
        for (slot, name) in &places {
            record.set_slot(*slot, stored.record.get(name).cloned().unwrap_or_default());
        }
        Stored { record, version: stored.version }
    };
    let records: Vec<Stored> = page(query, sorted(&inner, &Nothing, kept)).map(row).collect();
    Ok(QueryAnswer { count: records.len(), records })
}

/// Every different value that the rows have or are chosen and sorted by; each is a field of a record
/// that stands for the group.
struct Terms<'a> {
    all: Vec<Cow<'a, Operand>>,
    /// Which of them are texts of which others.
    texts: Vec<(usize, usize)>,
}

impl<'a> Terms<'a> {
    fn of(query: &'a Query, groups: &'a Groups) -> Self {
        let mut terms = Self { all: Vec::new(), texts: Vec::new() };
        groups.keys.iter().for_each(|key| terms.add(key));
        groups.columns.iter().for_each(|(operand, _)| terms.add(operand));
        query.order.iter().for_each(|key| terms.add(&key.operand));
        if let Some(having) = &groups.having {
            having.operands(&mut |operand| terms.add(operand));
        }
        for place in 0..terms.all.len() {
            if let Some(of) = terms.all[place].formats()
                && !groups.keys.iter().any(|key| is_same(key, &terms.all[place]))
            {
                let known = terms.place(&of).unwrap_or_else(|| {
                    terms.all.push(Cow::Owned(of));
                    terms.all.len() - 1
                });
                terms.texts.push((place, known));
            }
        }
        terms
    }

    fn add(&mut self, operand: &'a Operand) {
        if self.place(operand).is_none() {
            self.all.push(Cow::Borrowed(operand));
        }
    }

    fn place(&self, operand: &Operand) -> Option<usize> {
        self.all.iter().position(|known| is_same(known, operand))
    }

    fn name(&self, operand: &Operand) -> Option<String> {
        self.place(operand).map(term)
    }

    fn field(&self, operand: &Operand) -> Operand {
        Operand::field(self.name(operand).unwrap_or_default())
    }

    /// Returns the query over the records that stand for groups: its filter is `HAVING`, its order is
    /// complete.
    fn rewritten(&self, query: &Query, groups: &Groups) -> Query {
        let mut inner = Query::of(AGGREGATE_RESULT);
        inner.filter = groups.having.as_ref().map(|having| self.filter(having));
        inner.order = query
            .order
            .iter()
            .map(|key| OrderBy { operand: self.field(&key.operand), ..key.clone() })
            .collect();
        for (place, key) in groups.keys.iter().enumerate() {
            inner.order.push(OrderBy::ascending(subtotal(place)));
            inner.order.push(OrderBy::by(self.field(key)));
        }
        inner
    }

    fn filter(&self, filter: &Filter) -> Filter {
        let mut filter = filter.clone();
        self.rename(&mut filter);
        filter
    }

    fn rename(&self, filter: &mut Filter) {
        match filter {
            Filter::Compare { operand, .. }
            | Filter::In { operand, .. }
            | Filter::Like { operand, .. }
            | Filter::Within { operand, .. }
            | Filter::Includes { operand, .. }
            | Filter::InQuery { operand, .. } => *operand = self.field(operand),
            Filter::And(all) | Filter::Or(all) => all.iter_mut().for_each(|own| self.rename(own)),
            Filter::Not(own) => self.rename(own),
        }
    }
}

fn term(place: usize) -> String {
    format!("t{place}")
}

fn subtotal(key: usize) -> String {
    format!("s{key}")
}

/// The texts that two values have in common when they fall into one group.
type Key = Vec<Option<(u8, Text)>>;

struct Group<'a> {
    keys: Vec<Value>,
    totals: Vec<Total<'a>>,
}

/// Returns a record for each group, with all terms.
fn collect(
    query: &Query,
    groups: &Groups,
    terms: &Terms<'_>,
    found: &[&Stored],
    source: &dyn Source,
) -> Result<Vec<Stored>> {
    let keys: Vec<Reader<'_>> =
        groups.keys.iter().map(|key| Reader::new(key, &query.rows, source)).collect();
    let aggregates: Vec<(usize, &Operand)> = terms
        .all
        .iter()
        .enumerate()
        .filter_map(|(place, term)| {
            matches!(**term, Operand::Aggregate(..)).then_some((place, &**term))
        })
        .collect();
    let readers: Vec<Reader<'_>> =
        aggregates.iter().map(|(_, term)| Reader::new(term, &query.rows, source)).collect();
    let new = || Group {
        keys: vec![Value::Null; keys.len()],
        totals: aggregates.iter().map(|(_, term)| Total::of(term)).collect(),
    };
    let mut made = Vec::new();
    for set in groups.sets() {
        let mut by_key: HashMap<Key, Group<'_>> = HashMap::new();
        if !set.contains(&true) {
            by_key.insert(vec![None; keys.len()], new());
        }
        for stored in found {
            let values: Vec<Value> = keys
                .iter()
                .zip(&set)
                .map(|(key, kept)| if *kept { key.read(&stored.record) } else { None })
                .map(|value| value.map_or(Value::Null, |value| shown(value.into_owned())))
                .collect();
            let group = by_key.entry(values.iter().map(group_key).collect()).or_insert_with(new);
            for (own, value) in group.keys.iter_mut().zip(values) {
                keep_first(own, value);
            }
            for (total, reader) in group.totals.iter_mut().zip(&readers) {
                total.add(reader.read(&stored.record).as_deref());
            }
        }
        // Values of JSON are groups without an order of their own.
        let mut by_key: Vec<(Key, Group<'_>)> = by_key.into_iter().collect();
        by_key.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        for (_, group) in by_key {
            made.push(record(groups, terms, &aggregates, &set, group)?);
        }
    }
    Ok(made)
}

/// Returns the record that stands for a group.
fn record(
    groups: &Groups,
    terms: &Terms<'_>,
    aggregates: &[(usize, &Operand)],
    set: &[bool],
    group: Group<'_>,
) -> Result<Stored> {
    let mut record = Record::new(AGGREGATE_RESULT);
    let key = |operand: &Operand| groups.keys.iter().position(|key| is_same(key, operand));
    for (place, operand) in terms.all.iter().enumerate() {
        let value = match &**operand {
            Operand::Grouping(of) => Value::Integer(key(of).is_some_and(|key| !set[key]).into()),
            other => key(other).map_or(Value::Null, |key| group.keys[key].clone()),
        };
        record.set(term(place), value);
    }
    for ((place, _), total) in aggregates.iter().zip(group.totals) {
        record.set(term(*place), total.value()?);
    }
    for (place, of) in &terms.texts {
        let text = record.get(term(*of)).and_then(formatted).unwrap_or_default();
        record.set(term(*place), text);
    }
    for (place, kept) in set.iter().enumerate() {
        record.set(subtotal(place), i32::from(!kept));
    }
    Ok(Stored { record, version: Version::default() })
}

/// Returns a value as a group shows it: the empty text is null, a number has no zeros at its end.
fn shown(value: Value) -> Value {
    match value {
        Value::Text(text) if text.is_empty() => Value::Null,
        Value::Decimal(number) => Value::Decimal(number.normalize()),
        value => value,
    }
}

fn group_key(value: &Value) -> Option<(u8, Text)> {
    let rank = super::super::filter::rank(Some(value));
    match value {
        Value::Json(json) => Some((rank, json.to_string().into())),
        value => Some((rank, value.unique_key()?)),
    }
}

/// Of values that count as one, the group shows the first in the order of their bytes, of an
/// integer and a decimal the integer.
fn keep_first(own: &mut Value, value: Value) {
    if own.is_null() || is_before(&value, own) {
        *own = value;
    }
}

/// The value of one aggregate so far.
enum Total<'a> {
    Count(u64),
    CountOf(u64),
    Distinct(HashSet<(u8, Text)>),
    Extreme(Option<Value>, std::cmp::Ordering),
    Sum(ExactSum, &'a Operand),
    Avg(ExactSum),
}

impl<'a> Total<'a> {
    fn of(term: &'a Operand) -> Self {
        let sum = ExactSum::default();
        match term {
            Operand::Aggregate(Aggregate::Count, Some(_)) => Self::CountOf(0),
            Operand::Aggregate(Aggregate::CountDistinct, _) => Self::Distinct(HashSet::new()),
            Operand::Aggregate(Aggregate::Min, _) => Self::Extreme(None, std::cmp::Ordering::Less),
            Operand::Aggregate(Aggregate::Max, _) => {
                Self::Extreme(None, std::cmp::Ordering::Greater)
            }
            Operand::Aggregate(Aggregate::Sum, _) => Self::Sum(sum, term),
            Operand::Aggregate(Aggregate::Avg, _) => Self::Avg(sum),
            _ => Self::Count(0),
        }
    }

    fn add(&mut self, value: Option<&Value>) {
        let value = value.filter(|value| !value.is_null() && value.as_str() != Some(""));
        if let Self::Count(n) = self {
            *n += 1;
            return;
        }
        let Some(value) = value else { return };
        match self {
            Self::Count(n) | Self::CountOf(n) => *n += 1,
            Self::Distinct(seen) => seen.extend(group_key(value)),
            Self::Extreme(best, wanted) => {
                let order = best.as_ref().map(|best| {
                    total_order(Some(value), Some(best))
                        .then_with(|| by_bytes(value, best, *wanted))
                });
                if order.is_none_or(|order| order == *wanted) {
                    *best = Some(value.clone());
                }
            }
            Self::Sum(sum, _) | Self::Avg(sum) => sum.add(value),
        }
    }

    fn value(self) -> Result<Value> {
        let whole = |n: u64| Value::Integer(i64::try_from(n).unwrap_or(i64::MAX));
        Ok(match self {
            Self::Count(n) | Self::CountOf(n) => whole(n),
            Self::Distinct(seen) => whole(seen.len() as u64),
            Self::Extreme(best, _) => shown(best.unwrap_or_default()),
            Self::Sum(sum, of) => return sum.total().ok_or_else(|| too_large(of)),
            Self::Avg(sum) => sum.average(),
        })
    }
}

/// Of values that count as one, both extremes are the first in the order of their bytes.
fn by_bytes(a: &Value, b: &Value, wanted: std::cmp::Ordering) -> std::cmp::Ordering {
    if is_before(a, b) { wanted } else { std::cmp::Ordering::Equal }
}

/// Returns whether a value comes before another that counts as the same, by their bytes.
fn is_before(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => a.as_str() < b.as_str(),
        (Value::Id(a), Value::Id(b)) => a.as_str() < b.as_str(),
        (Value::MultiPicklist(a), Value::MultiPicklist(b)) => a.to_string() < b.to_string(),
        (a, b) => place_of_type(a) < place_of_type(b),
    }
}

/// Of values of several types that count as one, a field that takes any may have each.
fn place_of_type(value: &Value) -> u8 {
    match value {
        Value::Integer(_) | Value::Text(_) => 0,
        Value::Decimal(_) | Value::Id(_) => 1,
        _ => 2,
    }
}

fn too_large(of: &Operand) -> Error {
    Error::new(ErrorKind::InvalidQuery, "a sum has more digits than a decimal can hold (28)")
        .with("field", of.name())
}
