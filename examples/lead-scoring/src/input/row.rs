//! What comes out of an input: leads, rows that can't be used, and payloads that aren't leads.

use std::fmt;
use std::sync::Arc;

use circuit_core::{Record, RecordId};

use super::column::Problem;

/// One row of an input.
#[derive(Debug)]
pub enum Row {
    /// A lead to score.
    Lead(Lead),
    /// A row that can't be used.
    Rejected(Rejected),
    /// A payload that is fine but isn't a lead.
    Skipped(Skipped),
}

/// A lead, as a record of `Contact` in which absent and null fields differ.
#[derive(Debug)]
pub struct Lead {
    /// The id that the lead's own system gave it.
    pub id: RecordId,
    /// The fields that the row names; its id is one of them.
    pub record: Record,
    /// Where the lead stood.
    pub origin: Origin,
}

/// A place in an input; cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The file.
    pub file: Arc<str>,
    /// The line, counted from 1; `None` where the whole file is meant.
    pub line: Option<u64>,
}

impl Origin {
    pub(crate) fn rejected(&self, problem: Problem) -> Rejected {
        let field = Some(problem.field).filter(|field| !field.is_empty());
        Rejected { origin: self.clone(), field, reason: problem.reason }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        self.line.map_or(Ok(()), |line| write!(f, ":{line}"))
    }
}

/// A row that can't be used, and why; never holds a value of the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Where the row stood.
    pub origin: Origin,
    /// The field at fault, if it is one field.
    pub field: Option<String>,
    /// What was expected and what came.
    pub reason: String,
}

impl Rejected {
    /// Returns field and reason, without the place.
    pub fn cause(&self) -> String {
        match &self.field {
            Some(field) => format!("{field}: {}", self.reason),
            None => self.reason.clone(),
        }
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.origin, self.cause())
    }
}

/// A payload that isn't a lead, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Where the payload stood.
    pub origin: Origin,
    /// Why it was passed over.
    pub reason: String,
}
