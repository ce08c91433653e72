//! Conditions: which operators a field takes, and which values.

use super::expression::{Place, Typed, text};
use super::scope::Scope;
use super::{Checker, ComparedBind};
use crate::ast::{Bind, Comparison, Condition, Expression, Function, Operator, Right};
use crate::schema::FieldKind;

impl Checker<'_> {
    /// Checks a condition.
    pub(super) fn condition(&mut self, condition: &Condition, scope: &Scope, place: Place) {
        match condition {
            Condition::And(all) | Condition::Or(all) => {
                for part in all {
                    self.condition(part, scope, place);
                }
            }
            Condition::Not(inner, _) => self.condition(inner, scope, place),
            Condition::Compare(comparison) => self.comparison(comparison, scope, place),
        }
    }

    fn comparison(&mut self, comparison: &Comparison, scope: &Scope, place: Place) {
        let Comparison { left, operator, right, .. } = comparison;
        let known = self.expression(left, scope, place);
        if let Right::Query(query) = right {
            self.semi_join(left, known.as_ref(), query, scope);
            return;
        }
        let Some(known) = known else {
            return;
        };
        if !self.operator(&known, *operator, comparison) {
            return;
        }
        match right {
            Right::Literal(literal) => self.value(&known, *operator, literal),
            Right::List(items, _) => self.items(&known, *operator, items),
            Right::Bind(bind) => self.bind(&known, *operator, bind),
            Right::Query(_) => {}
        }
    }

    /// Notes what a bind is compared with; its value is not known.
    pub(super) fn bind(&mut self, known: &Typed, operator: Operator, bind: &Bind) {
        let Typed { kind, text, .. } = known;
        let (span, with) = (bind.span, text.clone());
        self.binds.push(ComparedBind { span, operator, with, kind: *kind });
    }

    /// Checks that the operator is one for the field.
    fn operator(&mut self, known: &Typed, operator: Operator, comparison: &Comparison) -> bool {
        use Operator::{Eq, Excludes, Ge, Gt, In, Includes, Le, Like, Lt, Ne, NotIn};

        let left = &comparison.left;
        let distance =
            matches!(left, Expression::Call(call) if call.function == Function::Distance);
        let kind = known.kind;
        let fits = match operator {
            _ if kind == FieldKind::Any => true,
            // Salesforce: a distance is compared with > and < only.
            _ if distance => matches!(operator, Gt | Lt),
            Eq | Ne => true,
            // Salesforce orders ids: queries by parts of the id, `Id > '..'`, rest on it.
            Lt | Le | Gt | Ge => !matches!(kind, FieldKind::Boolean | FieldKind::MultiPicklist),
            Like => kind.is_text(),
            In | NotIn => kind != FieldKind::MultiPicklist,
            Includes | Excludes => kind == FieldKind::MultiPicklist,
        };
        if fits {
            return true;
        }
        let takes = match (operator, kind) {
            _ if distance => "a distance is compared with > and < only",
            (In | NotIn, _) => "it takes INCLUDES and EXCLUDES",
            (Includes | Excludes, _) => "that is for multi-picklists; it takes IN and NOT IN",
            (Like, _) => "that is for text",
            (_, FieldKind::Boolean) => "it takes = and !=",
            _ => "it takes =, !=, INCLUDES and EXCLUDES",
        };
        let message = if distance {
            format!("{takes}, not with {}", operator.text())
        } else {
            format!("`{}`, {}, has no {}: {takes}", text(left), kind.article(), operator.text())
        };
        let instead = match operator {
            _ if distance => None,
            In => Some("INCLUDES".to_owned()),
            NotIn => Some("EXCLUDES".to_owned()),
            Includes => Some("IN".to_owned()),
            Excludes => Some("NOT IN".to_owned()),
            _ => None,
        };
        self.report.suggest(comparison.span, message, instead);
        false
    }
}
