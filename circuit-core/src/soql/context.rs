//! What the meaning of a query depends on beside its text.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use circuit_soql::{ast, check};

use super::Bind;
use super::catalog::StoreCatalog;
use super::lower::{QueryTime, lower};
use super::{rule, types};
use crate::db::{CircuitDB, Query};
use crate::error::{Error, ErrorKind, Result};

/// The statements that were checked against the store, by address.
pub(crate) type Checked = Mutex<HashSet<usize>>;

/// What the meaning of a query depends on beside its text: the moment, the user, the time zone and
/// the objects of the store.
#[derive(Debug)]
pub struct QueryContext<'a> {
    pub(crate) time: QueryTime,
    pub(crate) db: &'a dyn CircuitDB,
    pub(crate) checked: &'a Checked,
}

impl QueryContext<'_> {
    /// Checks a syntax tree against the objects of the store, and turns it into a query. What is at
    /// an address for ever is checked once.
    pub(super) fn query<'b>(
        &self,
        query: &ast::Query,
        address: Option<usize>,
        binds: &dyn Fn(&str) -> Option<&'b Bind>,
    ) -> Result<Query> {
        let checked = || self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        if address.is_none_or(|address| !checked().contains(&address)) {
            check(query, &StoreCatalog(self.db)).map_err(mistaken)?;
            checked().extend(address);
        }
        self.built(lower(query, binds, &self.time)?)
    }

    /// Resolves a query and checks it as its text would be, but for where queries for lists stand:
    /// stores answer them anywhere.
    pub(super) fn built(&self, query: Query) -> Result<Query> {
        rule::check_fields(&query)?;
        let query = query.resolved(self.db)?;
        rule::check(&query)?;
        types::check(&query, self.db)?;
        Ok(query)
    }
}

/// Returns the error for a query with mistakes; all of them are its source.
pub(super) fn mistaken(errors: circuit_soql::Errors) -> Error {
    let first = errors.first();
    Error::new(ErrorKind::InvalidQuery, first.to_string())
        .with("offset", first.offset())
        .with_source(errors)
}
