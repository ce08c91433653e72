//! How a query is answered.

use std::fmt;

use crate::value::Text;

/// How a query is answered: which index, which statement, and what Circuit does itself.
///
/// # Examples
/// ```
/// use circuit_core::{QueryPlan, QueryStep};
///
/// let plan = QueryPlan::new("memory").with(QueryStep::Index {
///     object: "Contact".into(),
///     field: "Email".into(),
///     records: Some(1),
/// });
/// assert_eq!(plan.to_string(), "memory: index Contact.Email (1 record)\n");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueryPlan {
    /// The store's name.
    pub store: Text,
    /// What is done, in order.
    pub steps: Vec<QueryStep>,
}

/// One step of a [`QueryPlan`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum QueryStep {
    /// An index leaves some records to look at.
    Index {
        /// The object.
        object: Text,
        /// The field with the index.
        field: Text,
        /// How many records it leaves, where that is known.
        records: Option<usize>,
    },
    /// Every record of an object is looked at.
    Scan {
        /// The object.
        object: Text,
        /// How many they are, where that is known.
        records: Option<usize>,
    },
    /// A statement in the store's language; values are bound and not in it.
    Statement(String),
    /// What the store says of the statement.
    Detail(String),
    /// What Circuit does itself, and why.
    Finish(String),
}

impl QueryPlan {
    /// Creates a plan without steps.
    pub fn new(store: impl Into<Text>) -> Self {
        Self { store: store.into(), steps: Vec::new() }
    }

    /// Adds a step.
    #[must_use]
    pub fn with(mut self, step: QueryStep) -> Self {
        self.steps.push(step);
        self
    }

    /// Returns whether the store answers the query alone.
    pub fn is_whole(&self) -> bool {
        !self.steps.iter().any(|step| matches!(step, QueryStep::Finish(_)))
    }
}

impl fmt::Display for QueryPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            let by = if matches!(step, QueryStep::Finish(_)) { "circuit" } else { &self.store };
            writeln!(f, "{by}: {step}")?;
        }
        Ok(())
    }
}

impl fmt::Display for QueryStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |f: &mut fmt::Formatter<'_>, records: &Option<usize>| match records {
            Some(1) => f.write_str(" (1 record)"),
            Some(n) => write!(f, " ({n} records)"),
            None => Ok(()),
        };
        match self {
            Self::Index { object, field, records } => {
                write!(f, "index {object}.{field}")?;
                number(f, records)
            }
            Self::Scan { object, records } => {
                write!(f, "scan {object}")?;
                number(f, records)
            }
            Self::Statement(text) | Self::Detail(text) | Self::Finish(text) => f.write_str(text),
        }
    }
}
