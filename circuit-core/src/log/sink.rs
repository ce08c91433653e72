//! Where the log goes: the contract of sinks, and the one for tests.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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

macro_rules! forward {
    ($($pointer:ident),+) => {$(
        #[deny(clippy::missing_trait_methods)]
        #[async_trait]
        impl<S: LogSink + ?Sized> LogSink for $pointer<S> {
            fn write(&self, entry: &Arc<LogEntry>) {
                (**self).write(entry);
            }

            fn ended(&self, report: &Arc<ExecutionReport>) {
                (**self).ended(report);
            }

            async fn flush(&self) -> Result<()> {
                (**self).flush().await
            }

            fn dropped(&self) -> u64 {
                (**self).dropped()
            }
        }
    )+};
}

forward!(Arc, Box);

/// A sink that keeps everything in memory, for tests; clones share it. Nothing bounds it.
///
/// # Examples
/// ```
/// use circuit_core::{Circuit, MemorySink, Registry};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let sink = MemorySink::default();
/// let circuit = Circuit::builder()
///     .backend(circuit_db::Memory::new())
///     .registry(Registry::builder().build())
///     .log_sink(sink.clone())
///     .build()?;
/// circuit.run(|execution| async move { Ok(drop(execution.log().info("here"))) }).await?;
/// assert_eq!(sink.entries()[0].message, "here");
/// # Ok::<(), circuit_core::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, Default)]
pub struct MemorySink {
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    entries: Vec<Arc<LogEntry>>,
    reports: Vec<Arc<ExecutionReport>>,
}

impl MemorySink {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the entries of all executions, in the order in which they were written.
    pub fn entries(&self) -> Vec<Arc<LogEntry>> {
        self.taken().entries.clone()
    }

    /// Returns the reports, in the order in which their executions ended.
    pub fn reports(&self) -> Vec<Arc<ExecutionReport>> {
        self.taken().reports.clone()
    }

    /// Forgets what was taken.
    pub fn clear(&self) {
        let taken = std::mem::take(&mut *self.taken());
        // What is freed is freed without the lock.
        drop(taken);
    }
}

#[async_trait]
impl LogSink for MemorySink {
    fn write(&self, entry: &Arc<LogEntry>) {
        self.taken().entries.push(Arc::clone(entry));
    }

    fn ended(&self, report: &Arc<ExecutionReport>) {
        self.taken().reports.push(Arc::clone(report));
    }

    async fn flush(&self) -> Result<()> {
        Ok(())
    }

    fn dropped(&self) -> u64 {
        0
    }
}
