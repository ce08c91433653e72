//! What can be read but is refused whatever the objects are: clauses that can't stand beside each
//! other, and names that are there twice.

use std::collections::HashSet;

use super::Parser;
use crate::ast::{Count, Expression, From, Function, Operator, Query, SelectItem, With};
use crate::error::{Error, ErrorKind};
use crate::span::Span;

/// Where the clauses stand that others can't stand beside.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) group: Option<Span>,
    pub(super) order: Option<Span>,
    pub(super) lock: Option<Span>,
}

impl Parser<'_> {
    /// Refuses what the clauses of a whole query can't be together.
    pub(super) fn check_together(&mut self, query: &Query, places: &Places) {
        self.check_aliases(&query.select);
        self.check_relations(&query.from);
        if query.limit.is_none() && places.lock.is_none() {
            return;
        }
        let grouped = places.group.is_some();
        let aggregated = query.select.iter().any(|item| match item {
            SelectItem::Expression(selected) => selected.expression.is_aggregated(),
            _ => false,
        });
        if let Some(limit) = &query.limit
            && aggregated
            && !grouped
        {
            let message = "an aggregate without GROUP BY gives one row and takes no LIMIT";
            self.refuse(message, count_span(limit));
        }
        let counted = matches!(query.select.as_slice(), [SelectItem::Count(_)]);
        if let Some(lock) = places.lock
            && (aggregated || grouped || counted)
        {
            self.refuse("FOR UPDATE locks records: it can't stand beside aggregates", lock);
        }
    }

    fn check_aliases(&mut self, items: &[SelectItem]) {
        let mut aliases = items.iter().filter_map(|item| match item {
            SelectItem::Expression(selected) => selected.alias.as_ref(),
            _ => None,
        });
        let (Some(first), Some(second)) = (aliases.next(), aliases.next()) else { return };
        let mut seen = HashSet::from([first]);
        for alias in std::iter::once(second).chain(aliases) {
            if !seen.insert(alias) {
                self.refuse(format!("the alias `{alias}` is there twice"), alias.span);
            }
        }
    }

    /// Refuses further objects in FROM: only parents of the first stand there.
    fn check_relations(&mut self, from: &From) {
        let Some(object) = from.object.names.last().filter(|_| !from.relations.is_empty()) else {
            return;
        };
        let own = from.alias.as_ref().unwrap_or(object);
        let mut starts = HashSet::from([own, object]);
        for relation in &from.relations {
            let names = relation.path.names.as_slice();
            if names.len() == 1 || !names.first().is_some_and(|name| starts.contains(name)) {
                let message = format!("SOQL has no joins: behind `,` stands a parent of {object}");
                let error = Error::new(ErrorKind::Rule, message, relation.path.span);
                self.report(match names {
                    [name] => error.with_suggestion(format!("{own}.{name}")),
                    _ => error,
                });
            }
            starts.extend(relation.alias.as_ref().or(names.last()));
        }
    }

    /// Refuses a second `WITH` of one sort, and data categories behind another.
    pub(super) fn check_with(&mut self, before: Option<&With>, with: &With, place: Span) {
        let Some(before) = before else { return };
        let mode = |with: &With| {
            matches!(with, With::SecurityEnforced | With::UserMode | With::SystemMode)
        };
        let all = match before {
            With::Several(all) => all.as_slice(),
            one => std::slice::from_ref(one),
        };
        let message = if matches!(with, With::DataCategory(_)) {
            "data categories stand in the first WITH"
        } else if mode(with) && all.iter().any(mode) {
            "one WITH says whose permissions count: SECURITY_ENFORCED, USER_MODE or SYSTEM_MODE"
        } else {
            return;
        };
        self.refuse(message, place);
    }

    /// Refuses to compare a distance otherwise than by its size.
    pub(super) fn check_distance(&mut self, left: &Expression, operator: Operator, place: Span) {
        let sized = matches!(operator, Operator::Lt | Operator::Le | Operator::Gt | Operator::Ge);
        if let Expression::Call(call) = left
            && call.function == Function::Distance
            && !sized
        {
            self.refuse("a distance is compared with `<` or `>`", place);
        }
    }
}

/// Where a number of records stands.
fn count_span(count: &Count) -> Span {
    match count {
        Count::Number(_, span) => *span,
        Count::Bind(bind) => bind.span,
    }
}
