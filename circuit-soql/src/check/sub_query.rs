//! Queries inside queries: semi-joins in WHERE, and child records in SELECT.

use super::expression::{Typed, span};
use super::scope::{Node, Scope};
use super::suggest::nearest;
use super::{Checker, Level};
use crate::ast::{Condition, Expression, Name, Query, Right, SelectItem};
use crate::schema::{ChildRelationship, FieldKind, Found, Object};
use crate::span::Span;

/// Salesforce takes so many sub-queries in one WHERE.
const MOST_JOINS: usize = 2;

impl Checker<'_> {
    /// Salesforce: sub-queries in WHERE stand at its top level alone, under no OR and no NOT, not in
    /// one another, and at most two of them.
    pub(super) fn joins(&mut self, filter: &Condition, level: Level) {
        let mut found = Vec::new();
        collect(filter, true, &mut found);
        for (at, (span, is_top)) in found.into_iter().enumerate() {
            if level == Level::Join {
                self.report.at(span, "a sub-query in WHERE has no further one in its WHERE");
            } else if !is_top {
                self.report.at(span, "a sub-query in WHERE can't stand under OR or NOT");
            } else if at == MOST_JOINS {
                let message = format!("at most {MOST_JOINS} sub-queries stand in WHERE");
                self.report.at(span, message);
            }
        }
    }

    /// Checks `AccountId IN (SELECT Id FROM Account)`.
    pub(super) fn semi_join(
        &mut self,
        left: &Expression,
        known: Option<&Typed>,
        query: &Query,
        scope: &Scope,
    ) {
        self.join_left(left, known, scope);
        let root = self.join_object(query, scope);
        let selected = self.query(query, root, Level::Join);
        self.join_selected(query, known, selected.as_ref());
    }

    /// Salesforce: the left side is an id or a reference of the object itself.
    fn join_left(&mut self, left: &Expression, known: Option<&Typed>, scope: &Scope) {
        if let Expression::Path(path) = left
            && scope.depth(path) > 0
        {
            let message = "the left side of a sub-query is a field of the object itself, not of a \
                           parent: use the reference field, as in `AccountId` for `Account.Id`";
            self.report.at(path.span, message);
        } else if let Some(known) = known
            && !known.kind.is_id()
            && known.kind != FieldKind::Any
        {
            let message = format!(
                "the left side of a sub-query is an id or a reference, and `{}` is {}",
                known.text,
                known.kind.article()
            );
            self.report.at(span(left), message);
        }
    }

    /// Looks up what a semi-join is over.
    fn join_object(&mut self, query: &Query, outer: &Scope) -> Node {
        let [name] = query.from.object.names.as_slice() else {
            self.report.at(query.from.object.span, "a sub-query in WHERE is over an object");
            return Node::Open;
        };
        if let Node::Object(object) = &outer.root
            && name.is(&object.name)
        {
            // Salesforce: "The inner and outer selects should not be on the same object type".
            let message = format!(
                "the query is over {} already: a sub-query in WHERE is over another object",
                object.name
            );
            self.report.at(name.span, message);
        }
        self.object(name).map_or(Node::Open, Node::Object)
    }

    /// Checks that the selected field holds ids of the objects that the left side names.
    fn join_selected(&mut self, query: &Query, known: Option<&Typed>, selected: Option<&Typed>) {
        let [SelectItem::Expression(item)] = query.select.as_slice() else {
            return;
        };
        let at = span(&item.expression);
        if matches!(item.expression, Expression::Call(_)) {
            self.report.at(at, "a sub-query in WHERE selects an id or a reference");
        } else if let Some(selected) = selected {
            self.join_kinds(at, known, selected);
        }
    }

    fn join_kinds(&mut self, at: Span, known: Option<&Typed>, selected: &Typed) {
        if selected.kind == FieldKind::Any {
            return;
        }
        if !selected.kind.is_id() {
            let message = format!(
                "a sub-query in WHERE selects an id or a reference, and `{}` is {}",
                selected.text,
                selected.kind.article()
            );
            self.report.at(at, message);
            return;
        }
        let Some(known) = known.filter(|known| known.kind.is_id()) else {
            return;
        };
        let (left, right) = (&known.ids.1, &selected.ids.1);
        let common = left.iter().any(|a| right.iter().any(|b| a.eq_ignore_ascii_case(b)));
        if !common && !left.is_empty() && !right.is_empty() {
            let message = format!(
                "`{}` holds ids of {}, and `{}` those of {}",
                known.text,
                left.join(", "),
                selected.text,
                right.join(", ")
            );
            self.report.at(at, message);
        }
    }

    /// Checks `(SELECT Id FROM Contacts)`.
    pub(super) fn children(&mut self, query: &Query, outer: &Scope) {
        let root = self.child_object(query, outer);
        self.query(query, root, Level::Child);
    }

    /// Looks up the relationship that a sub-query is over.
    fn child_object(&mut self, query: &Query, outer: &Scope) -> Node {
        let (node, _, names) = outer.start(&query.from.object);
        let ([name], Node::Object(parent)) = (names, node) else {
            return Node::Open;
        };
        let children = self.catalog.children(&parent);
        let Some(child) = children.iter().find(|child| name.is(&child.name)) else {
            self.unknown_children(&parent, &children, name);
            return Node::Open;
        };
        match self.catalog.object(&child.object) {
            Found::Object(object) => Node::Object(object),
            Found::Open => Node::Open,
            Found::Missing => {
                let message = format!(
                    "`{name}` leads to `{}`, and there is no description of that object",
                    child.object
                );
                self.report.at(name.span, message);
                Node::Open
            }
        }
    }

    /// `Contact` for `Contacts`: the object is often taken for the relationship.
    fn unknown_children(&mut self, parent: &Object, children: &[ChildRelationship], name: &Name) {
        let of_object: Vec<&str> = children
            .iter()
            .filter(|child| name.is(&child.object))
            .map(|child| child.name.as_str())
            .collect();
        if let [first, ..] = of_object.as_slice() {
            let message = format!(
                "`{name}` is an object; its relationship to {} is called {}",
                parent.name,
                of_object.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
            );
            self.report.suggest(name.span, message, Some((*first).to_owned()));
            return;
        }
        let known = children.iter().map(|child| child.name.as_str());
        let near = nearest(&name.text, known).map(str::to_owned);
        let message = format!("unknown child relationship `{name}` of {}", parent.name);
        self.report.suggest(name.span, message, near);
    }
}

/// Finds the sub-queries of a condition, and whether each stands at its top level.
fn collect(condition: &Condition, is_top: bool, found: &mut Vec<(Span, bool)>) {
    match condition {
        Condition::And(all) => all.iter().for_each(|one| collect(one, is_top, found)),
        Condition::Or(any) => any.iter().for_each(|one| collect(one, false, found)),
        Condition::Not(inner, _) => collect(inner, false, found),
        Condition::Compare(comparison) => {
            if let Right::Query(query) = &comparison.right {
                found.push((query.span, is_top));
            }
        }
    }
}
