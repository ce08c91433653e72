//! Handlers on threads of the executor.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::{Instrument, Span};

use super::execution::Execution;
use crate::engine::executor::{Job, JobEnd, on_host};
use crate::engine::watch::is_in_job;
use crate::error::{Error, ErrorKind, Result};

impl Execution {
    /// Whether handlers of this place run on another thread.
    pub(super) fn is_isolated(&self) -> bool {
        self.state().engine.executor.protection().own_threads && !is_in_job()
    }

    /// Runs work of handlers on a thread of the executor.
    pub(super) async fn isolated<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let answer = Arc::new(Mutex::new(None));
        let place = self.clone();
        let told = Arc::clone(&answer);
        let span = Span::current();
        let job = Job::new(async move {
            let done = {
                let work = pin!(place.metered(work));
                place.log().within(work.instrument(span)).await
            };
            *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
        });
        let end = self.state().engine.executor.run(job).await;
        let answer = answer.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (end, answer) {
            (_, Some(answer)) => answer,
            (end, None) => Err(self.unanswered(end)),
        }
    }

    /// Says why a job gave no answer.
    fn unanswered(&self, end: JobEnd) -> Error {
        if let Some(error) = self.governor().passed() {
            return error;
        }
        let message = match end {
            JobEnd::Refused => {
                "no worker is left: too many handlers are stuck; see `Circuit::health`"
            }
            JobEnd::Panicked | JobEnd::Done => {
                let message = "the engine panicked on a worker, outside of any handler";
                return Error::new(ErrorKind::HandlerPanicked, message)
                    .with("execution", self.id());
            }
            JobEnd::Lost => {
                // Another execution's handler was at fault: this one may be run again.
                self.state().lost.store(true, Ordering::Release);
                "the worker was given up because of another handler"
            }
        };
        Error::new(ErrorKind::Unavailable, message).with("execution", self.id())
    }

    /// Runs a future on the host's runtime, where I/O is allowed: what a handler calls a service with.
    ///
    /// Where handlers run on the host's runtime anyway, the future runs where it is awaited. It counts
    /// as nothing; wrap it in [`callout`](Self::callout).
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] if it panicked or the host's runtime is shutting down.
    pub async fn on_host<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T> {
        on_host(&*self.state().engine.executor, work).await
    }
}
