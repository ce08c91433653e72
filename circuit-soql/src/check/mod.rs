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

use crate::ast::Query;
use crate::error::Errors;
use crate::schema::Catalog;
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
    let mut checker = Checker { catalog, report: Report::default() };
    let root = if let [name] = query.from.object.names.as_slice() {
        checker.object(name).map_or(Node::Open, Node::Object)
    } else {
        checker.report.at(query.from.object.span, "a query is over an object, not over a path");
        Node::Open
    };
    checker.query(query, root, Level::Top);
    checker.report.finish()
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
