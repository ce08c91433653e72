//! Walking over a tree.

use circuit_soql::Dialect;
use circuit_soql::ast::{Bind, Call, Literal, Path, Query, With};
use circuit_soql::visit::{Visit, walk_call, walk_query};

use crate::support::good;

/// Writes down all it sees.
#[derive(Default)]
struct Seen(Vec<String>);

impl<'t> Visit<'t> for Seen {
    fn query(&mut self, query: &'t Query) {
        self.0.push(format!("query {}", query.from.object));
        walk_query(self, query);
    }

    fn with(&mut self, with: &'t With) {
        self.0.push(format!("with {with}"));
    }

    fn path(&mut self, path: &'t Path) {
        self.0.push(path.to_string());
    }

    fn call(&mut self, call: &'t Call) {
        self.0.push(call.function.name().to_owned());
        walk_call(self, call);
    }

    fn literal(&mut self, literal: &'t Literal) {
        self.0.push(literal.to_string());
    }

    fn bind(&mut self, bind: &'t Bind) {
        self.0.push(bind.to_string());
    }
}

#[test]
fn nodes_are_seen_in_the_order_in_which_they_are_written() {
    let text = "SELECT A, SUM(B), (SELECT C FROM D WHERE E IN (1, :f)), \
                G FROM K \
                WHERE (NOT L = 'm') AND N IN (SELECT O FROM P) WITH USER_MODE \
                GROUP BY Q HAVING COUNT(R) > 2 ORDER BY S LIMIT :t OFFSET :u SET OPTIONS :v";
    let mut seen = Seen::default();

    seen.query(&good(text, Dialect::Apex));

    let all = seen.0.join(", ");
    assert_eq!(
        all,
        "query K, A, SUM, B, query D, C, E, 1, :f, G, L, 'm', N, query P, O, with USER_MODE, \
         Q, COUNT, R, 2, S, :t, :u, :v"
    );
}

#[test]
fn the_fields_of_typeof_and_the_values_of_bind_are_seen() {
    let text = "SELECT TYPEOF A WHEN B THEN C, D ELSE E END FROM F USING LOOKUP G.H BIND I = 1";
    let mut seen = Seen::default();

    seen.query(&good(text, Dialect::Rest));

    assert_eq!(seen.0.join(", "), "query F, A, C, D, E, 1");
}
