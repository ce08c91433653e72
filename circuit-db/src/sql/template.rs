//! Statements that are remembered: a query that differs from an earlier one in the values of its
//! conditions alone has its statement, and only these values are bound again.
//!
//! A value decides about the text too: null is asked for by `IS NULL`, a text beside a number is
//! never equal. So a statement is kept only if each condition has its value as a parameter, and it is
//! found only for values that a parameter can stand for; all others are translated anew.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::mem::discriminant;
use std::sync::{Arc, PoisonError, RwLock};

use circuit_core::{Column, FieldType, Filter, Operand, Query, Rows, Select, Value};
use foldhash::fast::RandomState;

use super::dialect::{Bound, Dialect};
use super::filter::lists;
use super::fragment::Fragment;
use super::statement::Output;

/// Programs have a limited number of queries; who makes them up pays for translating them again.
const MAX_TEMPLATES: usize = 500;

/// How many of them may be about the same fields of an object, as `=` and `IN` of one field are.
const MAX_ALIKE: usize = 16;

/// Longer conditions are translated each time.
const MAX_TESTS: usize = 32;

/// Which value of a query a parameter is: of one of its conditions, from left to right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Slot {
    pub(super) test: usize,
    pub(super) part: Part,
}

/// What is bound of a condition's value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Part {
    /// One of the cells that a column of the type compares.
    Cell(FieldType, usize),
    /// The key of a unique field of the type.
    Unique(FieldType),
    /// One of the columns of a list.
    List(FieldType, usize),
}

/// A statement as text, and what its rows are.
#[derive(Debug)]
pub(crate) struct Translated<P> {
    pub(crate) sql: String,
    pub(crate) output: Output,
    params: Vec<Given<P>>,
    /// Whether nothing but the query decided about it.
    lasting: bool,
}

/// Where a parameter comes from.
#[derive(Debug)]
enum Given<P> {
    /// It is the same in all queries that have the statement.
    Fixed(P),
    /// It is a value of the query.
    Value(Slot),
}

/// A statement with its parameters.
#[derive(Debug)]
pub(crate) struct Ready<P> {
    pub(crate) text: Arc<Translated<P>>,
    pub(crate) params: Vec<P>,
}

impl<P: Clone> Ready<P> {
    pub(super) fn new(
        (sql, params): (String, Vec<(P, Option<Slot>)>),
        output: Output,
        lasting: bool,
    ) -> Self {
        let given = |(param, slot): &(P, Option<Slot>)| match slot {
            Some(slot) => Given::Value(*slot),
            None => Given::Fixed(param.clone()),
        };
        let given = params.iter().map(given).collect();
        Self {
            text: Arc::new(Translated { sql, output, params: given, lasting }),
            params: params.into_iter().map(|(param, _)| param).collect(),
        }
    }
}

/// A query without the values of its conditions, and its statement.
#[derive(Debug)]
struct Template<P> {
    query: Query,
    text: Arc<Translated<P>>,
}

/// The statements that are remembered.
#[derive(Debug)]
pub(crate) struct Templates<P> {
    known: RwLock<HashMap<u64, Vec<Template<P>>, RandomState>>,
    seed: RandomState,
}

impl<P> Default for Templates<P> {
    fn default() -> Self {
        Self { known: RwLock::default(), seed: RandomState::default() }
    }
}

impl<P: Clone + PartialEq> Templates<P> {
    /// Returns the statement of a query like an earlier one, with this one's values.
    pub(crate) fn find<D: Dialect<Param = P>>(
        &self,
        dialect: &D,
        query: &Query,
    ) -> Option<Ready<P>> {
        let key = self.key(query);
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&key)?.iter().find_map(|template| {
            let mut tests = Vec::new();
            if !is_alike(&template.query, query, &mut tests) {
                return None;
            }
            let params = bind(dialect, &template.text.params, &tests)?;
            Some(Ready { text: Arc::clone(&template.text), params })
        })
    }

    /// Remembers the statement of a query, if its values can be bound again.
    pub(crate) fn keep<D: Dialect<Param = P>>(&self, dialect: &D, query: &Query, ready: &Ready<P>) {
        let Some(tests) = tests(query).filter(|_| !has_values(query)) else { return };
        let is_bound = |test: usize| {
            let is_it = |given: &Given<P>| matches!(given, Given::Value(slot) if slot.test == test);
            ready.text.params.iter().any(is_it)
        };
        let again = bind(dialect, &ready.text.params, &tests);
        if !ready.text.lasting
            || !(0..tests.len()).all(is_bound)
            || again.as_ref() != Some(&ready.params)
        {
            return;
        }
        let mut template = query.clone();
        template.filter.iter_mut().for_each(forget);
        let key = self.key(query);
        let template = Template { query: template, text: Arc::clone(&ready.text) };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.values().map(Vec::len).sum::<usize>() >= MAX_TEMPLATES {
            known.clear();
        }
        let alike = known.entry(key).or_default();
        // Another thread may have been first.
        let is_same =
            |other: &Template<P>| other.query == template.query && other.text.sql == ready.text.sql;
        if alike.iter().any(is_same) {
            return;
        }
        if alike.len() >= MAX_ALIKE {
            alike.remove(0);
        }
        alike.push(template);
    }

    /// Queries of one key are about the same fields.
    fn key(&self, query: &Query) -> u64 {
        let mut hash = self.seed.build_hasher();
        query.object.hash(&mut hash);
        operands(query, &mut |operand| operand.paths(&mut |path| path.hash(&mut hash)));
        discriminant(&query.select).hash(&mut hash);
        query.limit.hash(&mut hash);
        std::hash::Hasher::finish(&hash)
    }
}

/// Calls `visit` with what a query is about, without its `HAVING` and children.
fn operands<'q>(query: &'q Query, visit: &mut dyn FnMut(&'q Operand)) {
    if let Some(filter) = &query.filter {
        filter.operands(&mut *visit);
    }
    query.order.iter().for_each(|key| visit(&key.operand));
    match &query.select {
        Select::Columns(columns) => columns.iter().for_each(|column| {
            if let Column::Value { operand, .. } = column {
                visit(operand);
            }
        }),
        Select::Groups(groups) => {
            groups.keys.iter().for_each(&mut *visit);
            groups.columns.iter().for_each(|(operand, _)| visit(operand));
        }
        _ => {}
    }
}

/// Returns whether a query has values elsewhere than in its own conditions: they are never taken out
/// and bound again, and may be different each time.
fn has_values(query: &Query) -> bool {
    let mut has_place = false;
    operands(query, &mut |operand| has_place |= matches!(operand, Operand::Distance(_)));
    has_place
        || match &query.select {
            Select::Columns(columns) => columns.iter().any(|column| match column {
                Column::Children(children) => {
                    let query = &children.query;
                    matches!(query.rows, Rows::DeletedWith(_))
                        || query.filter.as_ref().is_some_and(compares_values)
                        || has_values(query)
                }
                _ => false,
            }),
            Select::Groups(groups) => groups.having.as_ref().is_some_and(compares_values),
            _ => false,
        }
}

fn compares_values(filter: &Filter) -> bool {
    match filter {
        Filter::And(all) | Filter::Or(all) => all.iter().any(compares_values),
        Filter::Not(inner) => compares_values(inner),
        Filter::Compare { value, .. } => !value.is_null(),
        _ => true,
    }
}

/// Returns the conditions of a query, if it is one whose statement may be kept: no condition has its
/// value in the text of the query, and no page or deleted record of its own makes it a new one.
pub(super) fn tests(query: &Query) -> Option<Vec<&Filter>> {
    let mut tests = Vec::new();
    let is_plain = matches!(query.rows, Rows::Live | Rows::All) && query.offset == 0;
    let is_known = query.filter.as_ref().is_none_or(|filter| collect(filter, &mut tests));
    (is_plain && is_known).then_some(tests)
}

fn collect<'q>(filter: &'q Filter, tests: &mut Vec<&'q Filter>) -> bool {
    match filter {
        Filter::And(all) | Filter::Or(all) => all.iter().all(|filter| collect(filter, tests)),
        Filter::Not(inner) => collect(inner, tests),
        Filter::Compare { .. } | Filter::In { .. } => {
            tests.push(filter);
            tests.len() <= MAX_TESTS
        }
        _ => false,
    }
}

/// Takes the values out.
fn forget(filter: &mut Filter) {
    match filter {
        Filter::And(all) | Filter::Or(all) => all.iter_mut().for_each(forget),
        Filter::Not(inner) => forget(inner),
        Filter::Compare { value, .. } => *value = Value::Null,
        Filter::In { values, .. } => *values = Vec::new(),
        _ => {}
    }
}

/// Returns whether two queries differ in the values of their conditions alone, and collects these.
fn is_alike<'q>(known: &Query, query: &'q Query, tests: &mut Vec<&'q Filter>) -> bool {
    let Query { object, rows, filter, order, limit, offset, select, .. } = query;
    *object == known.object
        && *rows == known.rows
        && *limit == known.limit
        && *offset == known.offset
        && match (&known.filter, filter) {
            (None, None) => true,
            (Some(known), Some(filter)) => is_alike_filter(known, filter, tests),
            _ => false,
        }
        && *order == known.order
        && *select == known.select
}

fn is_alike_filter<'q>(known: &Filter, filter: &'q Filter, tests: &mut Vec<&'q Filter>) -> bool {
    match (known, filter) {
        (Filter::And(known), Filter::And(all)) | (Filter::Or(known), Filter::Or(all)) => {
            let mut pairs = known.iter().zip(all);
            known.len() == all.len()
                && pairs.all(|(known, filter)| is_alike_filter(known, filter, tests))
        }
        (Filter::Not(known), Filter::Not(inner)) => is_alike_filter(known, inner, tests),
        (
            Filter::Compare { operand: known, comparison: how, .. },
            Filter::Compare { operand, comparison, .. },
        ) => {
            tests.push(filter);
            known == operand && how == comparison
        }
        (Filter::In { operand: known, .. }, Filter::In { operand, .. }) => {
            tests.push(filter);
            known == operand
        }
        _ => false,
    }
}

/// Binds the values of conditions; `None` if the statement's text is not the one for them.
fn bind<D: Dialect>(
    dialect: &D,
    params: &[Given<D::Param>],
    tests: &[&Filter],
) -> Option<Vec<D::Param>> {
    let each = params.iter().map(|given| match given {
        Given::Fixed(param) => Some(param.clone()),
        Given::Value(slot) => bound(dialect, slot.part, tests.get(slot.test)?),
    });
    each.collect()
}

fn bound<D: Dialect>(dialect: &D, part: Part, test: &Filter) -> Option<D::Param> {
    match (part, test) {
        (Part::Cell(kind, at), Filter::Compare { value, .. }) => {
            match dialect.bind(kind, value)? {
                Bound::Cells(cells) => param(dialect.marks(kind, cells), at),
                _ => None,
            }
        }
        (Part::Unique(kind), Filter::Compare { value, .. }) => {
            let is_value = match value {
                // Most are texts; their cells are not needed.
                Value::Text(value) if kind == FieldType::Text => {
                    !value.is_empty() && !value.contains('\0')
                }
                value => {
                    kind.admits(value) && matches!(dialect.bind(kind, value)?, Bound::Cells(_))
                }
            };
            if is_value { dialect.unique_key(value)?.param() } else { None }
        }
        (Part::List(kind, at), Filter::In { values, .. }) => match lists(dialect, kind, values)? {
            (lists, false) => param(dialect.list(kind, lists), at),
            _ => None,
        },
        _ => None,
    }
}

fn param<P>(parts: Vec<Fragment<P>>, at: usize) -> Option<P> {
    parts.into_iter().nth(at)?.param()
}
