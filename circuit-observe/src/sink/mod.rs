//! Where logs and reports go.

#[cfg(feature = "axiom")]
mod axiom;
mod console;
mod jsonl;
mod line;
pub(crate) mod queue;

#[cfg(feature = "axiom")]
pub use axiom::{Axiom, AxiomConfig, AxiomEndpoint};
pub use console::{Color, Console, ConsoleConfig, ConsoleFormat};
pub use jsonl::{Durability, Jsonl, JsonlConfig};
pub use line::{Dropped, Line};
pub use queue::QueueConfig;

/// Implements `LogSink`, and the shutdown, for a type whose field `queue` does the work.
macro_rules! queued {
    ($sink:ident) => {
        impl $sink {
            /// Writes what was taken and ends; what comes later is dropped.
            ///
            /// Waits at most `within`; what is left by then is counted as dropped. A sink that is
            /// let go without this waits in the same way for up to one second.
            ///
            /// # Errors
            /// [`ErrorKind::Unavailable`](circuit_core::ErrorKind::Unavailable) with the number
            /// `left` if the time was too short, and the last failure if lines were refused.
            pub async fn close(&self, within: std::time::Duration) -> circuit_core::Result<()> {
                self.queue.close(within).await
            }
        }

        #[async_trait::async_trait]
        impl circuit_core::LogSink for $sink {
            fn write(&self, entry: &std::sync::Arc<circuit_core::LogEntry>) {
                self.queue.push($crate::sink::Line::Entry(std::sync::Arc::clone(entry)));
            }

            fn ended(&self, report: &std::sync::Arc<circuit_core::ExecutionReport>) {
                self.queue.push($crate::sink::Line::Execution(std::sync::Arc::clone(report)));
            }

            async fn flush(&self) -> circuit_core::Result<()> {
                self.queue.flush().await
            }

            fn dropped(&self) -> u64 {
                self.queue.dropped()
            }
        }
    };
}
use queued;
