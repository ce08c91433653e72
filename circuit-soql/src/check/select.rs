//! What is selected.

use super::Checker;
use super::expression::{Place, Typed, canonical, path_text, span, text};
use super::function::argument;
use super::group::Groups;
use super::scope::{Node, Scope};
use crate::ast::{Count, Expression, FieldSet, FunctionKind, Query, SelectItem, Selected, TypeOf};
use crate::span::Span;

/// Salesforce: `FIELDS(ALL)` and `FIELDS(CUSTOM)` are for so many records.
const MOST_WITH_FIELDS: u32 = 200;
/// Salesforce: so many sub-queries over child records.
const MOST_CHILDREN: usize = 20;

impl Checker<'_> {
    /// Checks what is selected; returns what is known of the first item.
    pub(super) fn select(
        &mut self,
        query: &Query,
        scope: &Scope,
        groups: &Groups,
    ) -> Option<Typed> {
        let mut first = None;
        let mut seen = Vec::new();
        let mut children = 0;
        for (i, item) in query.select.iter().enumerate() {
            match item {
                SelectItem::Expression(selected) => {
                    let known = self.expression(&selected.expression, scope, Place::Select);
                    self.selected(selected, scope, groups, &mut seen);
                    if i == 0 {
                        first = known;
                    }
                }
                SelectItem::Count(_) => {}
                SelectItem::Fields(set, at) => self.fields(*set, *at, query, scope, groups),
                SelectItem::SubQuery(inner) => {
                    children += 1;
                    self.sub_query(inner, scope, groups, children);
                }
                SelectItem::TypeOf(type_of) => self.type_of(type_of, scope, groups),
            }
        }
        first
    }

    fn selected(
        &mut self,
        selected: &Selected,
        scope: &Scope,
        groups: &Groups,
        seen: &mut Vec<String>,
    ) {
        let expression = &selected.expression;
        self.grouped(expression, scope, groups, Place::Select);
        if let Some(alias) = &selected.alias {
            // Salesforce: "only aggregate expressions use field aliasing".
            if !groups.active && matches!(expression, Expression::Path(_)) {
                let message = "a field has an alias only in a query with GROUP BY or an aggregate";
                self.report.at(alias.span, message);
            }
        } else if !expression.is_aggregated() {
            self.twice(expression, scope, seen);
        }
    }

    /// Salesforce: "duplicate field selected"; a formatted field without alias takes its name too.
    fn twice(&mut self, expression: &Expression, scope: &Scope, seen: &mut Vec<String>) {
        let inner = match expression {
            Expression::Call(call) if call.function.kind() == FunctionKind::Format => {
                argument(call).unwrap_or(expression)
            }
            _ => expression,
        };
        let name = canonical(inner, scope);
        if seen.contains(&name) {
            let mut message = format!("`{}` is selected twice", text(inner));
            if matches!(expression, Expression::Call(_)) {
                message.push_str("; give this one an alias");
            }
            self.report.at(span(expression), message);
        }
        seen.push(name);
    }

    /// Checks `FIELDS(..)`.
    fn fields(&mut self, set: FieldSet, at: Span, query: &Query, scope: &Scope, groups: &Groups) {
        let name = match set {
            FieldSet::All => "ALL",
            FieldSet::Standard => "STANDARD",
            FieldSet::Custom => "CUSTOM",
        };
        if groups.active {
            let message = format!("FIELDS({name}) can't stand beside GROUP BY or an aggregate");
            self.report.at(at, message);
        }
        if set != FieldSet::Standard {
            let limited = match &query.limit {
                Some(Count::Number(n, _)) => *n <= MOST_WITH_FIELDS,
                Some(Count::Bind(_)) => true,
                None => false,
            };
            if !limited {
                let message = format!("FIELDS({name}) needs a LIMIT of {MOST_WITH_FIELDS} at most");
                self.report.at(at, message);
            }
        }
        self.fields_twice(set, name, at, query, scope);
        if let Node::Object(object) = &scope.root
            && set == FieldSet::Custom
            && !object.fields.iter().any(|field| field.custom)
        {
            self.report.at(at, format!("{} has no custom fields", object.name));
        }
    }

    /// Salesforce: a field that `FIELDS(..)` has already is "duplicate field selected".
    fn fields_twice(&mut self, set: FieldSet, name: &str, at: Span, query: &Query, scope: &Scope) {
        let Node::Object(object) = &scope.root else {
            return;
        };
        for item in &query.select {
            match item {
                SelectItem::Expression(Selected { expression: Expression::Path(path), .. }) => {
                    let only = scope.canonical(path);
                    let field = object.field(&only);
                    let has = |custom: bool| match set {
                        FieldSet::All => true,
                        FieldSet::Standard => !custom,
                        FieldSet::Custom => custom,
                    };
                    if field.is_some_and(|field| has(field.custom)) {
                        let message = format!("FIELDS({name}) has `{}` already", path_text(path));
                        self.report.at(path.span, message);
                    }
                }
                SelectItem::Fields(other, place)
                    if place.start() < at.start()
                        && (*other == set || [*other, set].contains(&FieldSet::All)) =>
                {
                    self.report.at(at, format!("FIELDS({name}) repeats fields that are there"));
                }
                _ => {}
            }
        }
    }

    fn sub_query(&mut self, inner: &Query, scope: &Scope, groups: &Groups, number: usize) {
        if groups.active {
            let message = "child records can't stand beside GROUP BY or an aggregate";
            self.report.at(inner.span, message);
        }
        if number == MOST_CHILDREN + 1 {
            let message = format!("a query has {MOST_CHILDREN} sub-queries at most");
            self.report.at(inner.span, message);
        }
        self.children(inner, scope);
    }

    /// Checks `TYPEOF`.
    fn type_of(&mut self, type_of: &TypeOf, scope: &Scope, groups: &Groups) {
        if groups.active {
            let message = "TYPEOF can't stand beside GROUP BY or an aggregate";
            self.report.at(type_of.span, message);
        }
        let Some(targets) = self.targets(&type_of.relationship, scope) else {
            return;
        };
        for (i, branch) in type_of.branches.iter().enumerate() {
            if type_of.branches[..i].iter().any(|other| other.object == branch.object) {
                let message = format!("there is a branch for `{}` already", branch.object);
                self.report.at(branch.object.span, message);
            }
            if !targets.iter().any(|target| branch.object.is(target)) {
                self.not_a_target(type_of, &branch.object, &targets);
                continue;
            }
            let Some(object) = self.object(&branch.object) else {
                continue;
            };
            let inner = Scope::over(Node::Object(object));
            for field in &branch.fields {
                self.field(field, &inner);
            }
        }
        let way = type_of.relationship.names.last().map_or("", |name| name.text.as_str());
        let inner = Scope::over(Node::Several(self.name_object(), way.to_owned()));
        for field in &type_of.otherwise {
            self.field(field, &inner);
        }
    }
}
