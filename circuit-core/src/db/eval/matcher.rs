//! Filters, made ready for many records.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::mem::discriminant;

use super::super::filter::{Comparison, Filter, compare_text, same};
use super::super::like::LikePattern;
use super::super::query::{Operand, Period, Query, Rows, Select, Stored};
use super::keep::{self, Keep};
use super::read::{OwnReader, Reader};
use super::{Nothing, Scan, Source, evaluate};
use crate::error::Result;
use crate::record::Record;
use crate::value::{Text, Value};

/// A filter that is ready to look at many records: its queries are answered, its lists indexed.
///
/// # Examples
/// ```
/// use circuit_core::eval::Matcher;
/// use circuit_core::{Filter, Record};
///
/// let filter = Filter::is_in("Stage", ["Open", "Won"]);
/// let matcher = Matcher::alone(&filter)?;
/// assert!(matcher.matches(&Record::new("Deal").with("Stage", "WON")));
/// # Ok::<(), circuit_core::Error>(())
/// ```
pub struct Matcher<'a>(Node<'a>);

impl std::fmt::Debug for Matcher<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Matcher").finish_non_exhaustive()
    }
}

enum Node<'a> {
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    Own(Box<(OwnReader<'a>, Test<'a>)>),
    Test(Box<(Reader<'a>, Test<'a>)>),
}

enum Test<'a> {
    Compare(Comparison, &'a Value),
    /// An ASCII text that is not empty: the most frequent test of all.
    Text(&'a str, bool),
    List(List<'a>),
    Like(LikePattern),
    Within(Comparison, &'a Period),
    Includes(&'a [Vec<Text>]),
    Found(List<'static>),
}

impl<'a> Matcher<'a> {
    /// Makes a filter ready, and answers the queries in it.
    ///
    /// # Errors
    /// As [`evaluate`].
    pub fn new(filter: &'a Filter, rows: &'a Rows, source: &'a dyn Source) -> Result<Self> {
        node(filter, rows, source).map(Self)
    }

    /// Makes a filter ready that looks at records alone: parents and queries find nothing.
    ///
    /// # Errors
    /// As [`evaluate`].
    pub fn alone(filter: &'a Filter) -> Result<Self> {
        Self::new(filter, &Rows::Live, &Nothing)
    }

    /// Returns whether a record is kept.
    #[inline]
    pub fn matches(&self, record: &Record) -> bool {
        self.0.matches(record)
    }

    /// Returns the records that are kept, in the order in which they stand.
    pub(super) fn select<'r>(&self, scan: Scan<'r>) -> Vec<&'r Stored> {
        let mut kept = Vec::new();
        match scan {
            Scan::Found(found) => self.0.keep(Keep { from: found.into_iter(), kept: &mut kept }),
            Scan::Whole(all) => {
                let mut batch = Vec::with_capacity(keep::BATCH);
                for part in all.chunks(keep::BATCH) {
                    self.0.keep(Keep { from: part.iter(), kept: &mut batch });
                    kept.append(&mut batch);
                }
            }
        }
        kept
    }
}

/// Small on the stack, because filters nest.
fn node<'a>(filter: &'a Filter, rows: &'a Rows, source: &'a dyn Source) -> Result<Node<'a>> {
    match filter {
        Filter::And(filters) => nodes(filters, rows, source).map(Node::And),
        Filter::Or(filters) => nodes(filters, rows, source).map(Node::Or),
        Filter::Not(filter) => Ok(Node::Not(Box::new(node(filter, rows, source)?))),
        leaf => test(leaf, rows, source),
    }
}

fn nodes<'a>(
    filters: &'a [Filter],
    rows: &'a Rows,
    source: &'a dyn Source,
) -> Result<Vec<Node<'a>>> {
    filters.iter().map(|filter| node(filter, rows, source)).collect()
}

#[inline(never)]
fn test<'a>(filter: &'a Filter, rows: &'a Rows, source: &'a dyn Source) -> Result<Node<'a>> {
    let test = match filter {
        Filter::Compare { comparison, value, .. } => compare(*comparison, value),
        Filter::In { values, .. } => Test::List(List::of(values)),
        Filter::Like { pattern, .. } => Test::Like(LikePattern::new(pattern)),
        Filter::Within { comparison, period, .. } => Test::Within(*comparison, period),
        Filter::Includes { sets, .. } => Test::Includes(sets),
        Filter::InQuery { query, .. } => Test::Found(List::owned(values_of(query, source)?)),
        Filter::And(_) | Filter::Or(_) | Filter::Not(_) => return node(filter, rows, source),
    };
    let mut operand = None;
    filter.operands(&mut |own| operand = Some(own));
    let operand = operand.expect("every test has an operand");
    Ok(match operand {
        Operand::Field(path) if path.is_own() => {
            Node::Own(Box::new((OwnReader::new(&path.field), test)))
        }
        operand => Node::Test(Box::new((Reader::new(operand, rows, source), test))),
    })
}

fn compare(comparison: Comparison, value: &Value) -> Test<'_> {
    match (comparison, value) {
        (Comparison::Eq | Comparison::Ne, Value::Text(text))
            if text.is_ascii() && !text.is_empty() =>
        {
            Test::Text(text, comparison == Comparison::Eq)
        }
        _ => Test::Compare(comparison, value),
    }
}

/// Returns the values that a query of one column finds; null is none of them.
fn values_of(query: &Query, source: &dyn Source) -> Result<Vec<Value>> {
    let Select::Columns(columns) = &query.select else { return Ok(Vec::new()) };
    let [super::super::query::Column::Value { operand, .. }] = columns.as_slice() else {
        return Ok(Vec::new());
    };
    let whole = Query { select: Select::Records, ..query.clone() };
    let found = evaluate(&whole, source)?.records;
    let reader = Reader::new(operand, &query.rows, source);
    let values = found.iter().filter_map(|stored| Some(reader.read(&stored.record)?.into_owned()));
    Ok(values.filter(|value| !value.is_null() && value.as_str() != Some("")).collect())
}

impl Node<'_> {
    /// Keeps the records that match.
    fn keep<'r>(&self, keep: Keep<'_, 'r, impl Iterator<Item = &'r Stored>>) {
        match self {
            Self::Own(own) => own.1.keep(own.0.field(), keep),
            Self::And(all) if !all.is_empty() => {
                let kept = keep.kept;
                all[0].keep(Keep { from: keep.from, kept });
                for node in &all[1..] {
                    let room = Vec::with_capacity(kept.len());
                    let from = std::mem::replace(kept, room).into_iter();
                    node.keep(Keep { from, kept });
                }
            }
            other => keep.by(|stored| other.matches(&stored.record)),
        }
    }

    fn matches(&self, record: &Record) -> bool {
        match self {
            Self::And(all) => all.iter().all(|node| node.matches(record)),
            Self::Or(any) => any.iter().any(|node| node.matches(record)),
            Self::Not(node) => !node.matches(record),
            Self::Own(own) => own.1.holds(own.0.read(record)),
            Self::Test(own) => own.1.holds(own.0.read(record).as_deref()),
        }
    }
}

impl Test<'_> {
    /// Keeps the records for which the test of one of their own fields holds.
    fn keep<'r>(&self, field: &str, keep: Keep<'_, 'r, impl Iterator<Item = &'r Stored>>) {
        macro_rules! by_order {
            ($kind:ident, $with:expr, $wanted:ident) => {
                keep.by_order(field, $with, $wanted, |own| match own {
                    Value::$kind(own) => Some(own),
                    _ => None,
                })
            };
        }
        match self {
            Self::Compare(comparison, value) => match (value, (*comparison, *value)) {
                (Value::Integer(wanted), with) => by_order!(Integer, with, wanted),
                (Value::Decimal(wanted), with) => by_order!(Decimal, with, wanted),
                (Value::Date(wanted), with) => by_order!(Date, with, wanted),
                (Value::DateTime(wanted), with) => by_order!(DateTime, with, wanted),
                (value, _) => keep.by_field(field, |own| comparison.holds(own, value)),
            },
            Self::Text(text, wanted) => keep.by_field(field, |own| is_text(own, text) == *wanted),
            test => keep.by_field(field, |own| test.holds(own)),
        }
    }

    #[inline]
    fn holds(&self, own: Option<&Value>) -> bool {
        match self {
            Self::Text(text, wanted) => is_text(own, text) == *wanted,
            Self::Compare(comparison, value) => comparison.holds(own, value),
            Self::List(list) => list.has(own),
            Self::Found(list) => own.is_some_and(|own| !own.is_null()) && list.has(own),
            Self::Like(pattern) => {
                own.and_then(Value::as_str).is_some_and(|text| pattern.matches(text))
            }
            Self::Within(comparison, period) => within(*comparison, period, own),
            Self::Includes(sets) => match own {
                Some(Value::MultiPicklist(chosen)) => {
                    sets.iter().any(|set| set.iter().all(|value| chosen.contains(value)))
                }
                _ => false,
            },
        }
    }
}

/// Compares with an ASCII text that is not empty.
#[inline]
fn is_text(own: Option<&Value>, text: &str) -> bool {
    match own {
        Some(Value::Text(own)) => {
            own.eq_ignore_ascii_case(text) || !own.is_ascii() && compare_text(own, text).is_eq()
        }
        Some(Value::Null) | None => false,
        own => same(own, &Value::from(text)),
    }
}

/// Returns where a date is: less before the days, equal in them, greater after them.
fn place(period: &Period, own: &Value) -> Option<Ordering> {
    let (before, after) = match own {
        Value::Date(day) => (*day < period.from, *day >= period.to),
        Value::DateTime(at) => (*at < period.from_at, *at >= period.to_at),
        _ => return None,
    };
    Some(match (before, after) {
        (true, _) => Ordering::Less,
        (_, true) => Ordering::Greater,
        _ => Ordering::Equal,
    })
}

fn within(comparison: Comparison, period: &Period, own: Option<&Value>) -> bool {
    let place = own.and_then(|own| place(period, own));
    match comparison {
        Comparison::Eq => place == Some(Ordering::Equal),
        Comparison::Ne => place != Some(Ordering::Equal),
        Comparison::Lt => place.is_some_and(Ordering::is_lt),
        Comparison::Le => place.is_some_and(Ordering::is_le),
        Comparison::Gt => place.is_some_and(Ordering::is_gt),
        Comparison::Ge => place.is_some_and(Ordering::is_ge),
    }
}

/// A list of values; a long one of a single type is looked up by key.
struct List<'a> {
    values: std::borrow::Cow<'a, [Value]>,
    keys: Option<HashSet<Text, foldhash::fast::FixedState>>,
}

/// Shorter lists are looked through.
const INDEXED: usize = 8;

impl<'a> List<'a> {
    fn of(values: &'a [Value]) -> Self {
        Self { keys: keys(values), values: values.into() }
    }

    fn owned(values: Vec<Value>) -> Self {
        Self { keys: keys(&values), values: values.into() }
    }

    fn has(&self, own: Option<&Value>) -> bool {
        if let (Some(keys), Some(own)) = (&self.keys, own)
            && discriminant(own) == discriminant(&self.values[0])
        {
            return own.unique_key().is_some_and(|key| keys.contains(&key));
        }
        self.values.iter().any(|value| same(own, value))
    }
}

fn keys(values: &[Value]) -> Option<HashSet<Text, foldhash::fast::FixedState>> {
    let first = values.first().filter(|_| values.len() >= INDEXED)?;
    let one_type = values.iter().all(|value| discriminant(value) == discriminant(first));
    one_type.then(|| values.iter().map(Value::unique_key).collect::<Option<_>>()).flatten()
}
