//! Handlers' work, ready to run on another thread.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::engine::watch::{Abandoned, on_behalf_of_job};

/// Handlers' work, ready to run on any thread: a future without an answer.
pub struct Job {
    work: Pin<Box<dyn Future<Output = ()> + Send>>,
    abandoned: Arc<Abandoned>,
}

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum JobEnd {
    /// It ran to its end.
    Done,
    /// It, or another job on its thread, was stuck, so that the thread was given up.
    Lost,
    /// It panicked outside of any handler.
    Panicked,
    /// There is no thread to run it.
    Refused,
}

impl Job {
    pub(crate) fn new(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self { work: Box::pin(work), abandoned: Arc::default() }
    }

    /// Sets what is done if the watchdog gives the job up, on the watchdog's thread: the thread that
    /// polls it is stuck.
    pub fn on_given_up(&self, give_up: impl FnOnce() + Send + 'static) {
        self.abandoned.set(Box::new(give_up));
    }
}

impl Future for Job {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Self { work, abandoned } = &mut *self;
        on_behalf_of_job(abandoned, || work.as_mut().poll(context))
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").finish_non_exhaustive()
    }
}
