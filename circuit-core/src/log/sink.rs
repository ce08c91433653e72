//! Where the log goes.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use super::LogEntry;
use crate::error::Result;
use crate::report::ExecutionReport;

/// A place that takes what executions leave behind.
///
/// # Contract
/// - [`write`](Self::write) and [`ended`](Self::ended) run inside handlers and executions, on
///   whatever thread these run on: they do no I/O and wait for none. A sink that needs I/O queues,
///   and its queue is bounded.
/// - What a sink cannot take it drops, and [`dropped`](Self::dropped) counts it.
/// - Neither fails: a log that is full is no reason to stop a handler.
#[async_trait]
pub trait LogSink: Debug + Send + Sync + 'static {
    /// Takes an entry, at the moment at which it is written; what is secret is taken out already.
    fn write(&self, entry: &Arc<LogEntry>);

    /// Takes the report of an execution that has ended, however it ended; its log is in it.
    fn ended(&self, report: &Arc<ExecutionReport>);

    /// Waits until all that was taken is where it belongs.
    ///
    /// # Errors
    /// The last failure, if something could not be handed on; it was tried again before.
    async fn flush(&self) -> Result<()>;

    /// Returns how many entries and reports were dropped up to now.
    fn dropped(&self) -> u64;
}
