//! What an execution would have done.

use std::sync::Arc;

use uuid::Uuid;

use crate::db::Write;
use crate::error::Result;
use crate::governor::{LimitWarning, Usage};
use crate::log::LogEntry;
use crate::report::ExecutionReport;
use crate::value::Text;

/// A hook that would have run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlannedHook {
    /// When: `before commit` or `after commit`. Those before the commit did run, and were undone.
    pub when: &'static str,
    /// Its name.
    pub name: Text,
    /// The handler that registered it.
    pub handler: Text,
}

/// What an execution would have done; nothing of it was kept.
///
/// # Examples
/// ```no_run
/// # async fn example(circuit: circuit_core::Circuit, rows: Vec<circuit_core::Record>) -> circuit_core::Result<()> {
/// use circuit_core::DmlRequest;
///
/// let dry = circuit.session().dry_run(DmlRequest::insert(rows)).await?;
/// for write in &dry.changes {
///     println!("{:?} {} {}", write.kind, write.record.object(), write.id);
/// }
/// println!("{} with {} hooks", dry.usage, dry.hooks.len());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct DryRun<T> {
    /// The answer, or the error with which the execution would have failed.
    pub answer: Result<T>,
    /// What the commit would have written, in order, each with the record before; empty after an
    /// error.
    pub changes: Vec<Write>,
    /// The hooks that would have run, in order; empty after an error.
    pub hooks: Vec<PlannedHook>,
    /// What was used of the limits.
    pub usage: Usage,
    /// The limits of which 80 % or 90 % were used.
    pub warnings: Vec<LimitWarning>,
    /// The entries of the log.
    pub log: Vec<Arc<LogEntry>>,
    /// All that the execution leaves behind, its steps among it.
    pub report: Arc<ExecutionReport>,
    /// The execution's id.
    pub execution_id: Uuid,
}
