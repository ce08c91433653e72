//! A query's text, parsed once, and the values of its variables.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

use circuit_soql::{Dialect, Errors, ast, parse};

use super::context::mistaken;
use super::{Bind, QueryContext};
use crate::db::Query;
use crate::error::Result;

/// The text of a query; it is parsed when it is first asked for, and once.
#[derive(Debug)]
pub struct Statement {
    text: &'static str,
    parsed: OnceLock<Result<Arc<ast::Query>, Errors>>,
}

impl Statement {
    /// Takes a text; `soql!` has parsed it while compiling.
    pub const fn new(text: &'static str) -> Self {
        Self { text, parsed: OnceLock::new() }
    }

    /// Returns the text.
    pub fn text(&self) -> &'static str {
        self.text
    }

    /// Returns the syntax tree.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidQuery`] for a text that `soql!` has not seen.
    pub fn query(&self) -> Result<&Arc<ast::Query>> {
        let parsed = self.parsed.get_or_init(|| parse(self.text, Dialect::Apex).map(Arc::new));
        parsed.as_ref().map_err(|errors| mistaken(errors.clone()))
    }
}

/// A query as `soql!` makes it: a statement, and the values of its variables.
///
/// `Q` says what the query is over; `ctx.query::<Contact>(..)` takes it only where it is the
/// object of `Contact`.
pub struct Soql<Q> {
    statement: &'static Statement,
    binds: Vec<(&'static str, Bind)>,
    over: PhantomData<fn() -> Q>,
}

impl<Q> Soql<Q> {
    pub(crate) fn new(statement: &'static Statement) -> Self {
        Self { statement, binds: Vec::new(), over: PhantomData }
    }

    pub(crate) fn with_binds(self, binds: Vec<(&'static str, Bind)>) -> Self {
        Self { binds, ..self }
    }

    /// Returns the text and its syntax tree.
    pub fn statement(&self) -> &'static Statement {
        self.statement
    }

    /// Returns the variables by name.
    pub fn binds(&self) -> &[(&'static str, Bind)] {
        &self.binds
    }

    /// Returns the value of a variable.
    pub fn bind(&self, name: &str) -> Option<&Bind> {
        self.binds.iter().find(|(known, _)| *known == name).map(|(_, bind)| bind)
    }

    /// Turns the query into what a store is asked.
    pub(super) fn resolve(&self, context: &QueryContext<'_>) -> Result<Query> {
        let address = std::ptr::from_ref(self.statement).addr();
        context.query(self.statement.query()?, Some(address), &|name| self.bind(name))
    }
}

impl<Q> Clone for Soql<Q> {
    fn clone(&self) -> Self {
        Self::new(self.statement).with_binds(self.binds.clone())
    }
}

impl<Q> fmt::Debug for Soql<Q> {
    /// Shows the names of the variables, not their values: these are data of records.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.binds.iter().map(|(name, _)| name).collect();
        f.debug_struct("Soql")
            .field("statement", &self.statement.text)
            .field("binds", &names)
            .finish()
    }
}
