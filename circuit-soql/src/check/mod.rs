//! The semantic check: whether a query means something, given the objects that there are.

mod clause;
mod condition;
mod expression;
mod function;
mod group;
mod name;
mod report;
mod scope;
mod select;
mod sub_query;
mod suggest;
mod type_of;
mod value;

use crate::ast::{Operator, Query};
use crate::error::Errors;
use crate::schema::{Catalog, FieldKind};
use crate::span::Span;
use expression::{Place, Typed};
use group::Groups;
use report::Report;
use scope::Node;

/// Checks a query against the objects of a catalog, as Salesforce does before it runs one.
///
/// Objects, fields and relationships must be there; operators and values must fit the fields;
/// groups, sub-queries, `TYPEOF` and `FIELDS` must keep to their rules. The value of a bind is not
/// known: anything fits it. What the parser refuses already is not looked at again.
///
/// # Errors
/// Every mistake, in the order of the text.
///
/// # Examples
/// ```
/// use circuit_soql::schema::{Field, FieldKind, Object, Schema};
/// use circuit_soql::{Dialect, check, parse};
///
/// let schema = Schema::closed([Object::new("Contact").with(Field::new("Email", FieldKind::Text))]);
/// let query = parse("SELECT Emial FROM Contact", Dialect::Rest).unwrap();
/// let errors = check(&query, &schema).unwrap_err();
/// assert_eq!(errors.first().suggestion(), Some("Email"));
/// ```
pub fn check(query: &Query, catalog: &dyn Catalog) -> Result<(), Errors> {
    check_binds(query, catalog).map(|_| ())
}

/// A bind, and what its value is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ComparedBind {
    /// Where the bind stands, the colon included.
    pub span: Span,
    /// How it is compared.
    pub operator: Operator,
    /// What the other side is, as the query writes it: a field, or a function of one.
    pub with: String,
    /// What the other side holds.
    pub kind: FieldKind,
}

/// Checks a query as [`check`] does, and returns what its binds are compared with, as far as the
/// catalog tells.
///
/// # Errors
/// As [`check`].
///
/// # Examples
/// ```
/// use circuit_soql::schema::{Field, FieldKind, Object, Schema};
/// use circuit_soql::{Dialect, check_binds, parse};
///
/// let schema = Schema::closed([Object::new("Contact").with(Field::new("Size", FieldKind::Integer))]);
/// let query = parse("SELECT Size FROM Contact WHERE Size > :least", Dialect::Apex).unwrap();
/// let binds = check_binds(&query, &schema).unwrap();
/// assert_eq!((binds[0].with.as_str(), binds[0].kind), ("Size", FieldKind::Integer));
/// ```
pub fn check_binds(query: &Query, catalog: &dyn Catalog) -> Result<Vec<ComparedBind>, Errors> {
    let mut checker = Checker { catalog, report: Report::default(), binds: Vec::new() };
    let root = if let [name] = query.from.object.names.as_slice() {
        checker.object(name).map_or(Node::Open, Node::Object)
    } else {
        checker.report.at(query.from.object.span, "a query is over an object, not over a path");
        Node::Open
    };
    checker.query(query, root, Level::Top);
    checker.report.finish().map(|()| checker.binds)
}

/// Where a query stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    /// By itself.
    Top,
    /// In SELECT, over child records.
    Child,
    /// In a condition.
    Join,
}

/// What the check of one query needs.
#[derive(Debug)]
struct Checker<'a> {
    catalog: &'a dyn Catalog,
    report: Report,
    binds: Vec<ComparedBind>,
}

impl Checker<'_> {
    /// Checks a query over a record; returns what is known of the first item that it selects.
    fn query(&mut self, query: &Query, root: Node, level: Level) -> Option<Typed> {
        let scope = self.scope(&query.from, root);
        let groups = Groups::of(query, &scope);
        let first = self.select(query, &scope, &groups);
        if let Some(filter) = &query.filter {
            self.condition(filter, &scope, Place::Where);
            self.joins(filter, level);
        }
        if let Some(group) = &query.group {
            self.keys(group, &scope);
        }
        if let Some(having) = &query.having {
            self.condition(having, &scope, Place::Having);
            self.having(having, &scope, &groups);
        }
        if level != Level::Join {
            self.order(query, &scope, &groups);
            self.rest(query, &groups, level);
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Field, Object, Schema};
    use crate::{Dialect, parse};

    #[test]
    fn binds_are_told_with_what_they_are_compared_with() {
        let text = "SELECT Account.Name FROM Contact WHERE Size IN (1, :a) AND Account.Name LIKE :b \
                    AND Id IN (SELECT ContactId FROM Case WHERE Open = :c) \
                    GROUP BY Account.Name HAVING COUNT(Id) > :d LIMIT :e";
        let schema = Schema::closed([
            Object::new("Account").with(Field::new("Name", FieldKind::Text)),
            Object::new("Contact")
                .with(Field::new("Id", FieldKind::Id))
                .with(Field::new("Size", FieldKind::Decimal))
                .with(Field::to("AccountId", ["Account"], "Account")),
            Object::new("Case")
                .with(Field::to("ContactId", ["Contact"], "Contact"))
                .with(Field::new("Open", FieldKind::Boolean)),
        ]);
        let found = check_binds(&parse(text, Dialect::Apex).unwrap(), &schema).unwrap();
        let mut told: Vec<_> = found
            .iter()
            .map(|bind| (&text[bind.span.range()], bind.operator, &*bind.with, bind.kind))
            .collect();
        told.sort_unstable_by_key(|(name, ..)| *name);
        assert_eq!(
            told,
            [
                (":a", Operator::In, "Size", FieldKind::Decimal),
                (":b", Operator::Like, "Account.Name", FieldKind::Text),
                (":c", Operator::Eq, "Open", FieldKind::Boolean),
                (":d", Operator::Gt, "COUNT(Id)", FieldKind::Integer),
            ]
        );
    }
}
