//! The clauses after the condition, and those that exclude each other.

use super::expression::{Place, span};
use super::group::Groups;
use super::scope::Scope;
use super::{Checker, Level};
use crate::ast::{Condition, Expression, For, Query, SelectItem};

impl Checker<'_> {
    /// Checks the fields in HAVING.
    pub(super) fn having(&mut self, condition: &Condition, scope: &Scope, groups: &Groups) {
        match condition {
            Condition::And(all) | Condition::Or(all) => {
                for part in all {
                    self.having(part, scope, groups);
                }
            }
            Condition::Not(inner, _) => self.having(inner, scope, groups),
            Condition::Compare(comparison) => {
                self.grouped(&comparison.left, scope, groups, Place::Having);
            }
        }
    }

    /// Checks ORDER BY.
    pub(super) fn order(&mut self, query: &Query, scope: &Scope, groups: &Groups) {
        for order in &query.order {
            let expression = &order.expression;
            if groups.is_alias(expression) {
                continue;
            }
            let place = match expression {
                // What is grouped by can be ordered by.
                Expression::Path(_) if groups.active => Place::Having,
                _ => Place::OrderBy,
            };
            self.expression(expression, scope, place);
            self.grouped(expression, scope, groups, Place::OrderBy);
        }
    }

    /// Checks FOR, and what a sub-query over child records may be.
    pub(super) fn rest(&mut self, query: &Query, groups: &Groups, level: Level) {
        if level == Level::Child {
            self.child_clauses(query, groups);
        }
        if query.purpose.contains(&For::Update) {
            self.for_update(query);
        }
    }

    /// Salesforce: FOR UPDATE locks single records, in the order in which it finds them.
    fn for_update(&mut self, query: &Query) {
        if let Some(order) = query.order.first() {
            let message = "FOR UPDATE and ORDER BY exclude each other";
            self.report.at(span(&order.expression), message);
        }
        if query.all_rows {
            self.report.at(query.span, "FOR UPDATE and ALL ROWS exclude each other");
        }
    }

    /// Salesforce: a sub-query gives records, not groups.
    fn child_clauses(&mut self, query: &Query, groups: &Groups) {
        if let Some(group) = &query.group {
            self.report.at(group.span, "a sub-query over child records has no GROUP BY");
        } else if groups.active
            || query.select.iter().any(|item| matches!(item, SelectItem::Count(_)))
        {
            self.report.at(query.span, "a sub-query over child records has no aggregate");
        }
    }
}
