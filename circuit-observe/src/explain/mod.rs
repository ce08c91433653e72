//! Reports as people read them: what ran, how long, and what went wrong.

mod blame;
mod chain;
mod html;
mod text;
mod tree;
mod word;

use std::borrow::Borrow;
use std::fmt;

use circuit_core::ExecutionReport;

/// One or several executions, explained to somebody who has not seen the code.
///
/// `Display` writes a tree for a terminal, [`to_html`](Self::to_html) a page. Both show who spent
/// the time, what is left of the limits, every DML call with its handlers, queries and callouts,
/// and the log where it was written; the handler that failed and the slowest one are marked. More
/// than three steps of one kind in one place are shown as one, with their sums.
///
/// # Examples
/// ```
/// use circuit_core::{Circuit, Record, Registry};
/// use circuit_db::Memory;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> circuit_core::Result<()> {
/// let registry = Registry::builder().build();
/// let circuit = Circuit::builder().registry(registry).backend(Memory::new()).build()?;
/// let outcome = circuit.insert(Record::new("Contact")).await?;
/// let explanation = circuit_observe::explain(outcome.report());
/// assert!(explanation.to_string().contains("insert 1 Contact"));
/// assert!(explanation.to_html().starts_with("<!doctype html>"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Explanation<'a> {
    /// The executions, each before those that its hooks started.
    reports: Vec<&'a ExecutionReport>,
}

/// Explains one execution.
///
/// # Examples
/// See [`Explanation`].
pub fn explain(report: &ExecutionReport) -> Explanation<'_> {
    Explanation { reports: vec![report] }
}

impl<'a> Explanation<'a> {
    /// Explains executions together: each before those that its hooks started, in order of time.
    pub fn of_chain<R: Borrow<ExecutionReport>>(reports: &'a [R]) -> Self {
        Self { reports: chain::in_order(reports.iter().map(Borrow::borrow).collect()) }
    }

    /// Returns a page that stands for itself: no scripts, and nothing is loaded from elsewhere.
    pub fn to_html(&self) -> String {
        html::page(&self.reports)
    }
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write(f, &self.reports)
    }
}
