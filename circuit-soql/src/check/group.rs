//! Groups: what may stand beside an aggregate.

use super::Checker;
use super::expression::{Place, canonical, span, text};
use super::function::argument;
use super::scope::Scope;
use crate::ast::{Call, Expression, FunctionKind, GroupBy, Grouping, Query, SelectItem};

/// How a query groups its records.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// Whether it does.
    pub(super) active: bool,
    keys: Vec<String>,
    aliases: Vec<String>,
    subtotals: bool,
}

impl Groups {
    pub(super) fn of(query: &Query, scope: &Scope) -> Self {
        let selected = query.select.iter().filter_map(|item| match item {
            SelectItem::Expression(selected) => Some(selected),
            _ => None,
        });
        let keys = query.group.iter().flat_map(|group| &group.keys);
        Self {
            active: query.group.is_some()
                || selected.clone().any(|selected| selected.expression.is_aggregated()),
            keys: keys.map(|key| canonical(key, scope)).collect(),
            aliases: selected
                .filter_map(|selected| selected.alias.as_ref())
                .map(|alias| alias.text.to_ascii_lowercase())
                .collect(),
            subtotals: query.group.as_ref().is_some_and(|group| group.grouping != Grouping::Plain),
        }
    }

    /// Returns whether the expression is the alias of something that is selected.
    pub(super) fn is_alias(&self, expression: &Expression) -> bool {
        match expression {
            Expression::Path(path) => match path.names.as_slice() {
                [name] => self.active && self.aliases.contains(&name.text.to_ascii_lowercase()),
                _ => false,
            },
            Expression::Call(_) => false,
        }
    }
}

impl Checker<'_> {
    /// Checks the keys of GROUP BY.
    pub(super) fn keys(&mut self, group: &GroupBy, scope: &Scope) {
        let mut seen = Vec::new();
        for key in &group.keys {
            self.expression(key, scope, Place::GroupBy);
            let name = canonical(key, scope);
            if seen.contains(&name) {
                self.report.at(span(key), format!("`{}` is a key twice", text(key)));
            }
            seen.push(name);
        }
    }

    /// Reports what is neither grouped nor aggregated in a query with groups, and the other way
    /// round.
    pub(super) fn grouped(
        &mut self,
        expression: &Expression,
        scope: &Scope,
        groups: &Groups,
        place: Place,
    ) {
        if groups.keys.contains(&canonical(expression, scope)) {
            return;
        }
        match expression {
            Expression::Path(_) if groups.active => {
                let name = text(expression);
                let message = format!(
                    "`{name}` is neither grouped nor aggregated: add it to GROUP BY, or aggregate \
                     it, as in `MAX({name})`"
                );
                self.report.at(span(expression), message);
            }
            Expression::Path(_) => {}
            Expression::Call(call) => self.grouped_call(call, expression, scope, groups, place),
        }
    }

    fn grouped_call(
        &mut self,
        call: &Call,
        expression: &Expression,
        scope: &Scope,
        groups: &Groups,
        place: Place,
    ) {
        match call.function.kind() {
            FunctionKind::Aggregate if !groups.active => {
                let message =
                    format!("{} in {} needs GROUP BY", call.function.name(), place.name());
                self.report.at(call.name, message);
            }
            FunctionKind::Group => self.subtotal(call, scope, groups),
            // Salesforce: a date function in SELECT stands in GROUP BY too.
            FunctionKind::Date => {
                let message = format!("`{}` has to be in GROUP BY too", text(expression));
                self.report.at(call.span, message);
            }
            FunctionKind::Format => {
                if let Some(inner) = argument(call) {
                    self.grouped(inner, scope, groups, place);
                }
            }
            FunctionKind::Place if groups.active => {
                let message = "DISTANCE can't stand beside GROUP BY or an aggregate";
                self.report.at(call.span, message);
            }
            FunctionKind::Aggregate | FunctionKind::Place | FunctionKind::Formula => {}
        }
    }

    /// Salesforce: GROUPING takes a key of ROLLUP or CUBE.
    fn subtotal(&mut self, call: &Call, scope: &Scope, groups: &Groups) {
        let Some(inner) = argument(call) else {
            return;
        };
        if !groups.subtotals {
            self.report.at(call.span, "GROUPING needs GROUP BY ROLLUP or GROUP BY CUBE");
        } else if !groups.keys.contains(&canonical(inner, scope)) {
            let message =
                format!("GROUPING takes a key of GROUP BY, and `{}` is none", text(inner));
            self.report.at(span(inner), message);
        }
    }
}
