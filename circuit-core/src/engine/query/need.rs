//! What a query needs to know: which objects it looks at, and what a store can narrow.

use std::collections::HashSet;

use crate::db::{Column, Filter, Hop, Operand, Query, Select};
use crate::engine::catalog::key;
use crate::value::Text;

/// Returns the keys of all objects that a resolved query looks at.
pub(super) fn objects(query: &Query) -> HashSet<Text> {
    let mut all = HashSet::from([key(&query.object)]);
    all.extend(ways(query).iter().flatten().flat_map(|hop| &hop.objects).map(|o| key(o)));
    queries(query, &mut |inner| all.extend(objects(inner)));
    all
}

/// Returns the hops of each path that leads from the records of an object to parents, in a query and
/// the queries in it: each may meet the records that another one has fetched.
pub(super) fn ways_from(query: &Query, object: &Text) -> Vec<Vec<Hop>> {
    let mut all = if query.object.eq_ignore_ascii_case(object) { ways(query) } else { Vec::new() };
    queries(query, &mut |inner| all.extend(ways_from(inner, object)));
    all
}

/// Returns the hops of each path of a query that leads to parents, without those of queries in it.
fn ways(query: &Query) -> Vec<Vec<Hop>> {
    let mut ways = Vec::new();
    query.operands(&mut |operand| operand.paths(&mut |path| ways.push(path.hops.clone())));
    if let Select::Columns(columns) = &query.select {
        for column in columns {
            let Column::TypeOf(type_of) = column else { continue };
            let fields = type_of.branches.iter().flat_map(|(_, fields)| fields);
            for path in fields.chain(&type_of.otherwise) {
                ways.push([std::slice::from_ref(&type_of.hop), &path.hops].concat());
            }
        }
    }
    ways.retain(|hops| !hops.is_empty());
    ways.sort_by_cached_key(|hops| format!("{hops:?}"));
    ways.dedup();
    ways
}

/// Calls `visit` with the queries over lists and children in a query.
pub(super) fn queries<'a>(query: &'a Query, visit: &mut dyn FnMut(&'a Query)) {
    if let Some(filter) = &query.filter {
        filter.queries(visit);
    }
    children(query, &mut |children| visit(&children.query));
}

/// Calls `visit` with the queries over children in a query.
pub(super) fn children<'a>(query: &'a Query, visit: &mut dyn FnMut(&'a crate::db::Children)) {
    if let Select::Columns(columns) = &query.select {
        for column in columns {
            if let Column::Children(children) = column {
                visit(children);
            }
        }
    }
}

/// Returns a filter that keeps what `filter` keeps, or more, and that no staged record can change:
/// what looks at other records of these objects is left out.
pub(super) fn weakened(filter: &Filter, staged: &HashSet<Text>) -> Option<Filter> {
    match filter {
        Filter::And(all) => {
            let kept: Vec<Filter> = all.iter().filter_map(|own| weakened(own, staged)).collect();
            (!kept.is_empty()).then_some(Filter::And(kept))
        }
        other => (!looks_at(other, staged)).then(|| other.clone()),
    }
}

/// Returns whether a filter looks at parents or lists of these objects.
fn looks_at(filter: &Filter, staged: &HashSet<Text>) -> bool {
    let mut found = false;
    filter.operands(&mut |operand| found |= reads(operand, staged));
    filter.queries(&mut |query| found |= !objects(query).is_disjoint(staged));
    found
}

/// Returns whether an operand reads parents of these objects.
pub(super) fn reads(operand: &Operand, staged: &HashSet<Text>) -> bool {
    let mut found = false;
    operand.paths(&mut |path| {
        found |= path.hops.iter().flat_map(|hop| &hop.objects).any(|o| staged.contains(&key(o)));
    });
    found
}
