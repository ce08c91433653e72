//! What several modules need.

use circuit_soql::ast::Query;
use circuit_soql::{Dialect, Errors, parse};

/// Parses a query that must be valid.
#[track_caller]
pub(crate) fn good(text: &str, dialect: Dialect) -> Query {
    match parse(text, dialect) {
        Ok(query) => query,
        Err(errors) => panic!("{}", errors.render(text)),
    }
}

/// Parses a query that must be refused.
#[track_caller]
pub(crate) fn bad(text: &str, dialect: Dialect) -> Errors {
    match parse(text, dialect) {
        Ok(query) => panic!("accepted: {text}\n  as: {query}"),
        Err(errors) => errors,
    }
}

/// Random numbers from a seed: xorshift.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// A number below a bound.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % bound.max(1)
    }
}
