//! `Display` for the nodes of the tree.

use std::fmt;

use super::{Layout, Printer};
use crate::ast::{
    Bind, Call, Comparison, Condition, Expression, Literal, OrderBy, Path, Query, SelectItem,
    TypeOf, With,
};

macro_rules! display {
    ($($node:ident $method:ident;)+) => {$(
        impl fmt::Display for $node {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                Printer::print(f, Layout::Line, |printer| printer.$method(self))
            }
        }
    )+};
}

display! {
    Bind bind;
    Call call;
    Comparison comparison;
    Condition condition;
    Expression expression;
    Literal literal;
    OrderBy order;
    Path path;
    Query query;
    SelectItem item;
    TypeOf type_of;
    With with;
}

impl Query {
    /// Prints the query on several lines: one per clause, per selected field and per condition.
    ///
    /// # Examples
    /// ```
    /// use circuit_soql::{Dialect, parse};
    ///
    /// let query = parse("SELECT Id, Name FROM Lead WHERE A = 1 AND B = 2", Dialect::Rest)?;
    /// let lines = "SELECT\n  Id,\n  Name\nFROM Lead\nWHERE A = 1\n  AND B = 2";
    /// assert_eq!(query.to_pretty_string(), lines);
    /// # Ok::<(), circuit_soql::Errors>(())
    /// ```
    pub fn to_pretty_string(&self) -> String {
        let mut text = String::new();
        // Writing to a `String` never fails.
        let _ = Printer::print(&mut text, Layout::Lines, |printer| printer.query(self));
        text
    }
}
