//! What the host says about the logs of all executions.

use std::sync::Arc;
use std::task::Poll;

use super::{LogCaps, LogFilter, LogSink, Redaction};
use crate::error::Result;

/// What the host says about the logs of all executions.
#[derive(Debug, Default)]
pub(crate) struct Setup {
    pub(crate) filter: LogFilter,
    pub(crate) redaction: Redaction,
    pub(crate) caps: LogCaps,
    pub(crate) sinks: Vec<Arc<dyn LogSink>>,
}

impl Setup {
    /// Waits for all sinks at a time; the first failure stops none.
    pub(crate) async fn flush(&self) -> Result<()> {
        let mut left: Vec<_> = self.sinks.iter().map(LogSink::flush).collect();
        let mut answer = Ok(());
        std::future::poll_fn(|context| {
            left.retain_mut(|flush| match flush.as_mut().poll(context) {
                Poll::Ready(flushed) => {
                    if answer.is_ok() {
                        answer = flushed;
                    }
                    false
                }
                Poll::Pending => true,
            });
            if left.is_empty() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        answer
    }
}
