//! Work that may take no longer than the wall clock of its execution allows.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use super::execution::Execution;
use crate::error::{Error, Result};

/// How soon the deadline is looked at again after it came too early: a callout was under way.
const AGAIN: Duration = Duration::from_millis(10);

type Alarm = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Execution {
    /// Runs work to its end, but drops it where it waits when the wall clock has run out. What it
    /// allocates counts for the execution.
    pub(super) async fn within_deadline<F: Future>(&self, work: F) -> Result<F::Output> {
        let mut work = pin!(work);
        let mut alarm: Option<Alarm> = None;
        std::future::poll_fn(|context| {
            let polled = self.governor().metered(|| work.as_mut().poll(context));
            if let Poll::Ready(output) = polled {
                return Poll::Ready(Ok(output));
            }
            self.ring(&mut alarm, context).map(Err)
        })
        .await
    }

    /// Runs work of which the allocations count for the execution.
    pub(super) async fn metered<F: Future>(&self, work: F) -> F::Output {
        let mut work = pin!(work);
        let metered =
            |context: &mut Context<'_>| self.governor().metered(|| work.as_mut().poll(context));
        std::future::poll_fn(metered).await
    }

    /// Waits for the moment at which the wall clock has run out.
    fn ring(&self, alarm: &mut Option<Alarm>, context: &mut Context<'_>) -> Poll<Error> {
        loop {
            let waiting = alarm.get_or_insert_with(|| self.alarm());
            if waiting.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            *alarm = None;
            if let Err(error) = self.governor().check_running() {
                return Poll::Ready(error);
            }
        }
    }

    fn alarm(&self) -> Alarm {
        let clock = &self.state().engine.clock;
        // A limit is passed by more than all of it.
        let left = self.governor().remaining() + Duration::from_millis(1);
        let left = if self.governor().is_away() { left.max(AGAIN) } else { left };
        clock.until(clock.elapsed() + left)
    }
}
