//! Queries whose text is known at run time only.

use std::sync::Arc;

use circuit_soql::visit::Visit;
use circuit_soql::{Dialect, ast, parse};

use super::context::mistaken;
use super::{Bind, IntoBind};
use crate::error::{Error, ErrorKind, Result};
use crate::value::Text;

/// A query whose text is known at run time only: a report that an administrator wrote, a filter from
/// a file. As in Apex's `Database.queryWithBinds`, values come in as variables, never as text.
///
/// Where the program itself makes the query, [`Query`](crate::Query) builds it without any text.
///
/// # Examples
/// ```
/// use circuit_core::DynamicSoql;
///
/// let query = DynamicSoql::parse("SELECT Id FROM Contact WHERE Name = :name")?.bind("name", "O'Hara");
/// assert_eq!(query.object(), "Contact");
///
/// let error = DynamicSoql::parse("SELECT Id FORM Contact").unwrap_err();
/// assert_eq!(error.message(), "expected `,` or `FROM`, found `FORM`; did you mean `FROM`?");
/// # Ok::<(), circuit_core::Error>(())
/// ```
#[derive(Clone)]
pub struct DynamicSoql {
    query: Arc<ast::Query>,
    binds: Vec<(Text, Bind)>,
}

impl DynamicSoql {
    /// Reads a text in Apex's dialect.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidQuery`](crate::ErrorKind::InvalidQuery) with the offset of the first
    /// mistake; its source is a [`circuit_soql::Errors`] with all of them.
    pub fn parse(text: &str) -> Result<Self> {
        let query = parse(text, Dialect::Apex).map_err(mistaken)?;
        Ok(Self { query: Arc::new(query), binds: Vec::new() })
    }

    /// Gives a variable its value, or a list. As in Apex, names match without regard to case; a name
    /// that the query does not have, or that comes twice, is an error when the query runs.
    #[must_use]
    pub fn bind(mut self, name: impl Into<Text>, value: impl IntoBind) -> Self {
        self.binds.push((name.into(), value.into_bind()));
        self
    }

    /// Returns the name of the object.
    pub fn object(&self) -> &str {
        self.query.from.object.names.first().map_or("", |name| &name.text)
    }

    /// Returns the syntax tree.
    pub fn tree(&self) -> &ast::Query {
        &self.query
    }

    /// Checks that each variable has one value, and each value a variable.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidQuery`] naming the variable and those that were given, or that there are.
    pub(super) fn check_binds(&self) -> Result<()> {
        let mut variables = Variables::default();
        variables.query(&self.query);
        let Variables(variables) = variables;
        let given: Vec<&str> = self.binds.iter().map(|(name, _)| name.as_str()).collect();
        let has =
            |names: &[&str], name: &str| names.iter().any(|own| own.eq_ignore_ascii_case(name));
        let invalid = |message, name: &str| {
            let error = Error::new(ErrorKind::InvalidQuery, message).with("object", self.object());
            error.with("bind", name)
        };
        if let Some(name) = variables.iter().find(|name| !has(&given, name)) {
            let error = invalid("a variable of the query has no value", name);
            return Err(if given.is_empty() {
                error
            } else {
                error.with("given", given.join(", "))
            });
        }
        for (at, name) in given.iter().enumerate() {
            if has(&given[..at], name) {
                return Err(invalid("a variable is given a value twice", name));
            }
            if !has(&variables, name) {
                let error = invalid("the query has no such variable", name);
                return Err(if variables.is_empty() {
                    error
                } else {
                    error.with("variables", variables.join(", "))
                });
            }
        }
        Ok(())
    }

    pub(super) fn value(&self, name: &str) -> Option<&Bind> {
        self.binds.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, bind)| bind)
    }
}

/// The names of the variables, each once.
#[derive(Default)]
struct Variables<'t>(Vec<&'t str>);

impl<'t> Visit<'t> for Variables<'t> {
    fn bind(&mut self, bind: &'t ast::Bind) {
        let name = bind.text.trim();
        if !self.0.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            self.0.push(name);
        }
    }
}

impl std::fmt::Debug for DynamicSoql {
    /// Shows the names of the variables, not their values: these are data of records.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.binds.iter().map(|(name, _)| name).collect();
        f.debug_struct("DynamicSoql")
            .field("object", &self.object())
            .field("binds", &names)
            .finish_non_exhaustive()
    }
}
