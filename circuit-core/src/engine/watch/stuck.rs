//! A handler that keeps its thread and reaches no checkpoint.

use std::fmt::{self, Debug};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use uuid::Uuid;

use crate::error::{Error, Result};
use crate::value::Text;

/// What the watchdog asks about a poll that it watches.
pub(crate) trait Watched: Debug + Send + Sync {
    /// Returns for how long the poll may run before it is looked at.
    fn time_left(&self) -> Duration;

    /// Fails if the execution has passed a limit, with processor time that is not counted yet: the
    /// handler's own, and that of the handlers around it.
    fn may_go_on(&self, used: Duration, around: Duration) -> Result<()>;

    /// Writes to the execution's log that the poll was found stuck.
    fn stuck(&self, running: Duration, error: Error, thread: ThreadLeft) -> Stuck;

    /// Tells the host.
    fn tell(&self, stuck: &Stuck);
}

/// What happens to the thread of a stuck handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ThreadLeft {
    /// It belongs to the host: it stays busy until the handler returns.
    Busy,
    /// It was a worker: it is given up, and another takes its place.
    Abandoned,
}

/// A handler that has passed a limit and reaches no checkpoint: it is in code that is not its own, in a
/// loop or waiting for something that blocks the thread.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Stuck {
    /// The execution.
    pub execution: Uuid,
    /// The handler.
    pub handler: Text,
    /// The object of the handler.
    pub object: Text,
    /// For how long it has kept the thread.
    pub running: Duration,
    /// The limit that it has passed.
    pub error: Arc<Error>,
    /// What happens to its thread.
    pub thread: ThreadLeft,
}

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let thread = match self.thread {
            ThreadLeft::Busy => "its thread stays busy",
            ThreadLeft::Abandoned => "its worker was given up",
        };
        let Self { handler, execution, running, error, .. } = self;
        write!(f, "{handler} is stuck since {running:?}, {thread}: {error}; execution {execution}")
    }
}

type GiveUp = Box<dyn FnOnce() + Send>;

/// Tells the executor of a job that it is given up.
#[derive(Default)]
pub(crate) struct Abandoned(Mutex<Option<GiveUp>>);

impl Abandoned {
    /// Sets what is done then.
    pub(crate) fn set(&self, give_up: GiveUp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(give_up);
    }

    pub(super) fn tell(&self) {
        let give_up = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(give_up) = give_up {
            give_up();
        }
    }
}

impl Debug for Abandoned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Abandoned").finish()
    }
}
