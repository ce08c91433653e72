//! Runs the handlers of an event over a chunk (A4 steps 4 and 8).

use super::execution::Execution;
use super::panic::{self, Ended};
use super::save::Chunk;
use crate::error::{BoxError, Error, ErrorKind, Result};
use crate::event::{EventPhase, TriggerEvent};
use crate::governor::Limit;
use crate::registry::TriggerRegistration;
use crate::trigger::{Images, Invocation};

impl Execution {
    /// Runs each handler of the event, in order, over the rows that nobody refused before.
    pub(super) async fn fire(&self, chunk: &mut Chunk, phase: EventPhase) -> Result<()> {
        let Some(event) = TriggerEvent::of(phase, chunk.operation) else {
            return Ok(());
        };
        let object = std::sync::Arc::clone(&chunk.object);
        let handlers = object.handlers(event);
        if handlers.is_empty() {
            return Ok(());
        }
        self.governor().reach(Limit::Depth, u64::from(self.depth()) + 1, self.handler())?;
        let rows = chunk.rows.iter().enumerate();
        let good: Vec<usize> =
            rows.filter(|(_, row)| row.failures.is_empty()).map(|(at, _)| at).collect();
        for handler in handlers {
            let state = self.state();
            if good.is_empty() || state.bypasses.cover(handler, event, &state.who) {
                continue;
            }
            let selected = self.select(chunk, handler, event, &good);
            let shown = selected.as_deref().unwrap_or(&good);
            if !shown.is_empty() {
                self.call(chunk, handler, event, shown).await?;
            }
        }
        Ok(())
    }

    /// Returns the rows that the handler wants to see; `None` for all.
    fn select(
        &self,
        chunk: &Chunk,
        handler: &TriggerRegistration,
        event: TriggerEvent,
        good: &[usize],
    ) -> Option<Vec<usize>> {
        if handler.when().is_none() && !handler.is_once_per_record() {
            return None;
        }
        let mut transaction = self.transaction();
        let wanted = |at: &usize| {
            let row = &chunk.rows[*at];
            let (new, old) = (row.new.as_ref(), row.old.as_ref());
            let images = Images { operation: event.operation(), new, old };
            handler.when().is_none_or(|when| when.holds(&images))
                && (!handler.is_once_per_record()
                    || row.id.as_ref().is_none_or(|id| transaction.show(handler.name(), event, id)))
        };
        Some(good.iter().copied().filter(wanted).collect())
    }

    /// Runs one handler and turns whatever went wrong into a typed error.
    async fn call(
        &self,
        chunk: &mut Chunk,
        handler: &TriggerRegistration,
        event: TriggerEvent,
        shown: &[usize],
    ) -> Result<()> {
        let execution = self.inside(handler, event);
        let invocation = Invocation {
            execution: execution.clone(),
            event,
            chunk: chunk.info,
            rows: &mut chunk.rows,
            shown,
        };
        let ended = panic::run(handler.call(invocation)).await;
        self.governor().check(handler.name())?;
        let error = match ended {
            Ended::Returned(Ok(())) => return Ok(()),
            Ended::Returned(Err(error)) => failed(error),
            Ended::Thrown(error) => failed(Box::new(error)),
            Ended::Panicked { message, place } => {
                let place = place.unwrap_or_else(|| handler.source().to_string());
                Error::new(ErrorKind::HandlerPanicked, format!("a handler panicked: {message}"))
                    .with("at", place)
            }
        };
        Err(error
            .with("handler", handler.name())
            .with("object", handler.object())
            .with("event", event)
            .with("execution", self.id()))
    }
}

/// Limits and conflicts end the execution as they are; the rest is the handler's failure.
fn failed(error: BoxError) -> Error {
    let passes = |error: &Error| {
        let kind = error.kind();
        matches!(kind, ErrorKind::LimitExceeded | ErrorKind::Conflict | ErrorKind::ExecutionEnded)
    };
    match error.downcast::<Error>() {
        Ok(error) if passes(&error) => *error,
        Ok(error) => Error::new(ErrorKind::Handler, "a handler failed").with_source(error),
        Err(error) => Error::new(ErrorKind::Handler, "a handler failed").with_source(error),
    }
}
