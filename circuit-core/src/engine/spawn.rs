//! Work beside a handler, which counts for it.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use tokio::task::JoinHandle;

use super::execution::Execution;
use crate::engine::watch::{Spent, current_job, on_behalf_of_job};
use crate::error::{Error, ErrorKind, Result};
use crate::trigger::Thrown;

/// Work beside a handler; await it for its answer. Dropping it ends the work.
pub struct Spawned<T>(JoinHandle<Result<T>>);

impl Execution {
    /// Runs work beside the handler, on the same threads: its time and memory count for the handler.
    ///
    /// It ends when the handler returns, so it has to be awaited. Work spawned in any other way is
    /// neither counted nor ended.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    ///
    /// # Examples
    /// ```
    /// use circuit_core::prelude::*;
    ///
    /// async fn halves(ctx: &TriggerContext<'_, Record>) -> circuit_core::Result<u64> {
    ///     let left = ctx.spawn(async { (0..500_u64).sum::<u64>() });
    ///     let right = (500..1_000_u64).sum::<u64>();
    ///     Ok(left.await? + right)
    /// }
    /// # let _ = halves;
    /// ```
    pub fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Spawned<T> {
        let place = self.clone();
        let job = current_job();
        let task = tokio::spawn(async move {
            let mut work = pin!(place.counted_beside(work));
            std::future::poll_fn(|context| match &job {
                Some(job) => on_behalf_of_job(job, || work.as_mut().poll(context)),
                None => work.as_mut().poll(context),
            })
            .await
        });
        self.ends_with(task.abort_handle());
        Spawned(task)
    }

    /// Runs work that counts for this place, as its handler does.
    async fn counted_beside<T>(&self, work: impl Future<Output = T>) -> Result<T> {
        let mut work = pin!(work);
        let mut spent = Spent::default();
        let counted = std::future::poll_fn(|context| {
            let polled = self.stint(&mut spent, || {
                catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)))
            });
            match polled {
                Err(error) => Poll::Ready(Err(error)),
                Ok(Err(payload)) => Poll::Ready(Err(unwound(payload))),
                Ok(Ok(poll)) => poll.map(Ok),
            }
        });
        self.metered(counted).await
    }
}

fn unwound(payload: Box<dyn Any + Send>) -> Error {
    match payload.downcast::<Thrown>() {
        Ok(thrown) => thrown.0,
        Err(_) => Error::new(ErrorKind::HandlerPanicked, "work beside a handler panicked"),
    }
}

impl<T> Future for Spawned<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
        Pin::new(&mut self.0).poll(context).map(|joined| {
            joined.unwrap_or_else(|_| {
                let message = "work beside a handler was ended before it was done";
                Err(Error::new(ErrorKind::ExecutionEnded, message))
            })
        })
    }
}

impl<T> Drop for Spawned<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<T> fmt::Debug for Spawned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Spawned").finish()
    }
}
