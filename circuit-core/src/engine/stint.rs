//! The polls of a handler, as the governor and the watchdog see them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::builder::Watch;
use super::execution::{Execution, Scope};
use crate::engine::watch::{Spent, Stint, Stuck, ThreadLeft, Watched};
use crate::error::{Error, Result};

impl Execution {
    /// Polls the handler of this place; what the poll cost counts.
    ///
    /// A limit passed by the end of the poll ends the handler only where it waits or unwinds: one that
    /// is done is checked by whoever called it, as by every later call.
    pub(super) fn stint<T>(
        &self,
        spent: &mut Spent,
        poll: impl FnOnce() -> std::thread::Result<std::task::Poll<T>>,
    ) -> Result<std::thread::Result<std::task::Poll<T>>> {
        let (governor, payer) = (self.governor(), self.payer());
        governor.check(payer)?;
        let _current = self.log().enter();
        if self.state().engine.watch == Watch::Off {
            return Ok(poll());
        }
        let before = governor.runs(payer);
        let most_memory = governor.most_memory(payer);
        let watched = Arc::clone(&self.0) as Arc<dyn Watched>;
        let (polled, cpu) = Stint { spent, most_memory }.run(watched, poll);
        let within = governor.charge_cpu(cpu, payer);
        let within = within.and_then(|()| governor.note_memory(spent.peak(), payer));
        if matches!(polled, Ok(std::task::Poll::Pending)) {
            within?;
        } else {
            governor.runs(before);
        }
        Ok(polled)
    }
}

impl Watched for Scope {
    fn time_left(&self) -> Duration {
        let governor = &self.state.governor;
        governor.remaining().min(governor.remaining_cpu(self.payer))
    }

    fn may_go_on(&self, used: Duration, around: Duration) -> Result<()> {
        self.state.governor.check(self.payer)?;
        self.state.governor.foresee_cpu(used, around, self.payer)
    }

    fn stuck(&self, running: Duration, error: Error, thread: ThreadLeft) -> Stuck {
        let stuck = Stuck {
            execution: self.state.id,
            handler: self.handler.clone(),
            object: self.object.clone(),
            running,
            error: Arc::new(error.with("execution", self.state.id)),
            thread,
        };
        let milliseconds = u64::try_from(running.as_millis()).unwrap_or(u64::MAX);
        self.log
            .error("the handler is stuck: it has passed a limit and reaches no checkpoint")
            .with("limit", stuck.error.message())
            .with("running_ms", milliseconds);
        stuck
    }

    fn tell(&self, stuck: &Stuck) {
        if let Some(tell) = &self.state.engine.on_stuck {
            (tell.0)(stuck);
        }
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").field("handler", &self.handler).finish_non_exhaustive()
    }
}
