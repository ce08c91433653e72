//! The log of whatever runs on this thread at the moment.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;

use super::CircuitLog;

thread_local! {
    static CURRENT: RefCell<Option<CircuitLog>> = const { RefCell::new(None) };
}

/// Puts back what was there before, also when a handler panics.
pub(crate) struct Entered(Option<CircuitLog>);

impl Drop for Entered {
    fn drop(&mut self) {
        // A thread that ends has nothing to put back.
        drop(CURRENT.try_with(|current| current.replace(self.0.take())));
    }
}

fn enter(log: Option<CircuitLog>) -> Entered {
    Entered(CURRENT.try_with(|current| current.replace(log)).ok().flatten())
}

/// Until it is dropped, nothing on this thread counts as part of an execution.
pub(super) fn nobody() -> Entered {
    enter(None)
}

impl CircuitLog {
    /// Returns the log of the handler, hook or host code that runs on this thread at the moment.
    ///
    /// It is the innermost, where one handler's DML runs another. `ctx.spawn` takes it along.
    /// There is none outside of executions, while an entry is handed to sinks, and in other tasks and
    /// threads that a handler spawned.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(|current| current.borrow().clone()).ok().flatten()
    }

    /// Makes this the current log until the guard is dropped.
    pub(crate) fn enter(&self) -> Entered {
        enter(Some(self.clone()))
    }

    /// Runs a future as what happens at this place: it is the current one during each poll.
    ///
    /// The future is pinned where it is made: passed on by value it would be there twice.
    pub(crate) fn within<F: Future + Unpin>(&self, mut work: F) -> impl Future<Output = F::Output> {
        std::future::poll_fn(move |context| {
            let _entered = self.enter();
            Pin::new(&mut work).poll(context)
        })
    }
}
