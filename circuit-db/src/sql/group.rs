//! Groups and their aggregates.
//!
//! Three queries, one in the other: `g` has a row for each record with its keys and what is
//! aggregated, `u` a row for each group, and the outermost keeps, sorts and cuts these.

use std::sync::Arc;

use circuit_core::{
    Aggregate, Direction, FieldType, Filter, Groups, Nulls, Operand, Query, Record, Text, Value,
    eval::is_same,
};

use super::decode::{Decode, RowPlan, Source};
use super::dialect::{Dialect, Typed};
use super::filter::{Terms, Unique, condition};
use super::fragment::Fragment;
use super::order;
use super::scope::{Scope, columns, selected};
use super::statement::{Output, is_paged, page};

/// The name that rows of groups have for their object, as in Apex.
const AGGREGATE_RESULT: &str = "AggregateResult";

/// More sets of groups than this are made by Circuit.
const MAX_SETS: usize = 64;

/// Returns the statement of a query with groups; `None` if SQL cannot say it.
pub(super) fn statement<D: Dialect>(
    mut scope: Scope<'_, D>,
    query: &Query,
    groups: &Groups,
) -> Option<(Fragment<D::Param>, Output)> {
    let dialect = scope.generator.dialect;
    let mut made = Made { dialect, keys: Vec::new(), aggregates: Vec::new() };
    let mut inner = Vec::new();
    for (i, key) in groups.keys.iter().enumerate() {
        let own = scope.operand(key)?.filled();
        inner.extend(selected(&own, &format!("k{i}")));
        made.keys.push((key, columns(&own, &format!("k{i}"))));
    }
    for operand in aggregates(query, groups) {
        let Operand::Aggregate(aggregate, path) = operand else { continue };
        let lead = format!("a{}", made.aggregates.len());
        let own = match path {
            Some(path) => {
                let own = scope.operand(&Operand::Field(path.clone()))?.filled();
                inner.extend(selected(&own, &lead));
                dialect.aggregate(*aggregate, &columns(&own, &lead))?
            }
            None if *aggregate == Aggregate::Count => integer("count(*)"),
            None => return None,
        };
        made.aggregates.push((operand, own));
    }
    if inner.is_empty() {
        inner.push(Fragment::new("1 AS one"));
    }
    let sets = groups.sets();
    if sets.len() > MAX_SETS {
        return None;
    }
    let g = scope.found(Fragment::list(inner, ", "), query.filter.as_ref(), Vec::new())?;
    let (lead, u) = if sets.len() == 1 {
        let from = g.within(" FROM (", ") AS g");
        (Fragment::new(""), made.set(&sets[0]).then(from).text(&made.group_by(&sets[0])))
    } else if D::GROUPING_SETS {
        let from = g.within(" FROM (", ") AS g");
        (Fragment::new(""), made.all_sets().then(from).text(&made.grouping_sets(&sets)))
    } else {
        let each = sets.iter().map(|set| made.set(set).text(" FROM g").text(&made.group_by(set)));
        (g.within("WITH g AS MATERIALIZED (", ") "), Fragment::list(each, " UNION ALL "))
    };
    let u = if groups.having.is_some() && made.has_sum() { u.text(D::FENCE) } else { u };
    let (columns, plan) = made.output(groups)?;
    let mut sql = lead.text("SELECT ").then(columns).text(" FROM (").then(u).text(") AS u");
    if let Some(having) = &groups.having {
        let mut having = condition(&mut made, having)?;
        if made.has_sum() {
            // Databases compute no sum for conditions that they know the outcome of: those that are
            // constant, and, unless they are one expression, those that exclude each other.
            if having.has_constant() {
                return None;
            }
            having = having.within("(", ") IS TRUE");
        }
        sql = sql.text(" WHERE ").then(having);
    }
    let keys = made.sort_keys(query)?;
    if !keys.is_empty() {
        sql = sql.text(" ORDER BY ").then(Fragment::list(keys, ", "));
    }
    if is_paged(query) {
        sql.append(page(dialect, query));
    }
    Some((sql, Output::Groups(Box::new(plan))))
}

/// Returns each different aggregate that the rows have or are chosen and sorted by.
fn aggregates<'a>(query: &'a Query, groups: &'a Groups) -> Vec<&'a Operand> {
    let mut all: Vec<&Operand> = Vec::new();
    let mut add = |operand: &'a Operand| {
        let is_new = !all.iter().any(|known| is_same(known, operand));
        if matches!(operand, Operand::Aggregate(..)) && is_new {
            all.push(operand);
        }
    };
    groups.columns.iter().for_each(|(operand, _)| add(operand));
    query.order.iter().for_each(|key| add(&key.operand));
    if let Some(having) = &groups.having {
        having.operands(&mut add);
    }
    all
}

fn integer<P>(sql: impl Into<String>) -> Typed<P> {
    let (kind, value) = (FieldType::Integer, vec![Fragment::new(sql)]);
    Typed { kind, decode: Decode::Field(kind), value, key: None, collate: "" }
}

/// The keys as columns of `g`, and the aggregates over it.
struct Made<'a, D: Dialect> {
    dialect: &'a D,
    keys: Vec<(&'a Operand, Typed<D::Param>)>,
    aggregates: Vec<(&'a Operand, Typed<D::Param>)>,
}

impl<D: Dialect> Made<'_, D> {
    /// Returns the columns of `u` for one set of keys.
    fn set(&self, set: &[bool]) -> Fragment<D::Param> {
        let mut parts = Vec::new();
        for (i, ((_, key), kept)) in self.keys.iter().zip(set).enumerate() {
            let own =
                if *kept { self.shown(key) } else { key.clone().map(|_| Fragment::new("NULL")) };
            parts.extend(selected(&own, &format!("x{i}")));
            parts.push(Fragment::new(format!("{} AS s{i}", i32::from(!kept))));
        }
        self.with_aggregates(parts)
    }

    /// Returns the columns of `u` for all sets at once.
    fn all_sets(&self) -> Fragment<D::Param> {
        let mut parts = Vec::new();
        for (i, (_, key)) in self.keys.iter().enumerate() {
            let grouping = format!("GROUPING(k{i}{}0)", if key.key.is_some() { 'k' } else { 'v' });
            let kept = |part: Fragment<D::Param>| {
                part.within(&format!("CASE WHEN {grouping} = 0 THEN "), " END")
            };
            parts.extend(selected(&self.shown(key).map(kept), &format!("x{i}")));
            parts.push(Fragment::new(format!("{grouping} AS s{i}")));
        }
        self.with_aggregates(parts)
    }

    /// Returns whether there are sums that can be too large: that is an error in whichever group.
    fn has_sum(&self) -> bool {
        self.aggregates.iter().any(|(operand, own)| {
            matches!(operand, Operand::Aggregate(Aggregate::Sum, _)) && own.decode != Decode::Number
        })
    }

    fn with_aggregates(&self, mut parts: Vec<Fragment<D::Param>>) -> Fragment<D::Param> {
        for (i, (_, own)) in self.aggregates.iter().enumerate() {
            parts.extend(selected(own, &format!("y{i}")));
        }
        // The group of all records is there even if there are none: an aggregate makes it so.
        if self.aggregates.is_empty() {
            parts.push(Fragment::new("count(*) AS n"));
        }
        Fragment::list(parts, ", ").within("SELECT ", "")
    }

    /// Returns a key as the group shows it: of those that count as one, the first.
    fn shown(&self, key: &Typed<D::Param>) -> Typed<D::Param> {
        let mut shown = key.clone();
        if key.key.is_some() || !key.collate.is_empty() || key.kind == FieldType::Decimal {
            let first = |part| self.dialect.first(key.kind, part);
            shown.value = shown.value.into_iter().map(first).collect();
        }
        shown
    }

    fn names(&self, set: &[bool]) -> String {
        let kept = self.keys.iter().zip(set).filter(|(_, kept)| **kept);
        let names: Vec<_> = kept.flat_map(|((_, key), _)| key.keys()).collect();
        Fragment::list(names, ", ").render(|_, _| String::new()).0
    }

    fn group_by(&self, set: &[bool]) -> String {
        if !set.contains(&true) {
            return String::new();
        }
        format!(" GROUP BY {}", self.names(set))
    }

    fn grouping_sets(&self, sets: &[Vec<bool>]) -> String {
        let sets: Vec<String> = sets.iter().map(|set| format!("({})", self.names(set))).collect();
        format!(" GROUP BY GROUPING SETS ({})", sets.join(", "))
    }

    /// Returns a value as a column of `u`, by its whole name: a result may have a column of the same
    /// name and another type.
    fn term(&self, operand: &Operand) -> Option<Typed<D::Param>> {
        if let Operand::Grouping(key) = operand {
            let place = self.keys.iter().position(|(own, _)| is_same(own, key))?;
            return Some(integer(format!("u.s{place}")));
        }
        if let Some(place) = self.aggregates.iter().position(|(own, _)| is_same(own, operand)) {
            return Some(columns(&self.aggregates[place].1, &format!("u.y{place}")));
        }
        let place = self.keys.iter().position(|(own, _)| is_same(own, operand))?;
        Some(columns(&self.keys[place].1, &format!("u.x{place}")))
    }

    fn output(&self, groups: &Groups) -> Option<(Fragment<D::Param>, RowPlan)> {
        let mut names = Record::new(AGGREGATE_RESULT);
        groups.columns.iter().for_each(|(_, name)| names.set(name, Value::Null));
        let shape = Arc::clone(names.shape());
        let (mut parts, mut values) = (Vec::new(), Vec::new());
        for (operand, name) in &groups.columns {
            let term = self.term(operand)?;
            values.push((shape.slot(name)?, Source::Column(parts.len(), term.decode)));
            parts.extend(self.dialect.read(&term));
        }
        if parts.is_empty() {
            parts.push(Fragment::new("1"));
        }
        let plan = RowPlan {
            object: Text::from_static(AGGREGATE_RESULT),
            shape,
            id: None,
            rest: None,
            whole: false,
            values,
            parents: Vec::new(),
            children: Vec::new(),
        };
        Some((Fragment::list(parts, ", "), plan))
    }

    /// Returns the sort keys: those of the query, then the groups' own.
    fn sort_keys(&mut self, query: &Query) -> Option<Vec<Fragment<D::Param>>> {
        let mut keys = order::keys(self, &query.order)?;
        for (i, (_, key)) in self.keys.iter().enumerate() {
            keys.push(Fragment::new(format!("u.s{i}")));
            let own = columns(key, &format!("u.x{i}"));
            keys.extend(order::sorted(&own, Direction::Ascending, Nulls::First));
        }
        Some(keys)
    }
}

impl<D: Dialect> Terms<D> for Made<'_, D> {
    fn operand(&mut self, operand: &Operand) -> Option<Typed<D::Param>> {
        self.term(operand)
    }

    fn dialect(&self) -> &D {
        self.dialect
    }

    fn unique(&self, _: &Operand, _: &Value) -> Option<Unique<D::Param>> {
        None
    }

    fn test(&self, _: &Filter) -> Option<usize> {
        None
    }

    fn in_query(&mut self, _: &Typed<D::Param>, _: &Query) -> Option<Fragment<D::Param>> {
        // A query in HAVING finds nothing, as in the evaluator.
        Some(Fragment::constant(false))
    }
}
