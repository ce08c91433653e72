//! Runs the handlers of an event over a chunk (A4 steps 4 and 8).

use std::collections::HashSet;
use std::pin::pin;
use std::sync::Arc;

use tracing::Instrument;

use super::execution::{Ending, Execution};
use super::panic;
use super::save::Chunk;
use crate::error::{BoxError, Error, ErrorKind, Result};
use crate::event::{EventPhase, TriggerEvent};
use crate::governor::Limit;
use crate::record::RecordId;
use crate::registry::TriggerRegistration;
use crate::report::{Doing, StepKind};
use crate::trigger::{Images, Invocation};

impl Execution {
    /// Runs each handler of the event, in order, over the rows that nobody refused before.
    pub(super) async fn fire(&self, chunk: &mut Chunk, phase: EventPhase) -> Result<()> {
        let Some(event) = TriggerEvent::of(phase, chunk.operation) else {
            return Ok(());
        };
        let object = Arc::clone(&chunk.object);
        let handlers = object.handlers(event);
        if handlers.is_empty() {
            return Ok(());
        }
        self.governor().reach(Limit::Depth, u64::from(self.depth()) + 1, self.payer())?;
        let rows = chunk.rows.iter().enumerate();
        let good: Vec<usize> =
            rows.filter(|(_, row)| row.failures.is_empty()).map(|(at, _)| at).collect();
        if good.is_empty() {
            return Ok(());
        }
        let _held = self.hold(chunk, event);
        for handler in handlers {
            if !self.may_run(handler, event) {
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

    /// Returns whether permissions and open bypasses let a handler run.
    pub(super) fn may_run(&self, handler: &TriggerRegistration, event: TriggerEvent) -> bool {
        let state = self.state();
        let who = &state.start.who;
        let has = |permission: &crate::Text| who.permissions.contains(permission);
        handler.required_permission().is_none_or(has)
            && !handler.bypass_permission().is_some_and(has)
            && !state.bypasses.cover(handler, event, who)
    }

    /// Returns the rows that the handler wants to see; `None` for all.
    pub(super) fn select(
        &self,
        chunk: &Chunk,
        handler: &TriggerRegistration,
        event: TriggerEvent,
        good: &[usize],
    ) -> Option<Vec<usize>> {
        if handler.when().is_none() && !handler.is_once_per_record() {
            return None;
        }
        let seen = self.seen_above(handler, event);
        let wanted = |at: &usize| {
            let row = &chunk.rows[*at];
            handler.when().is_none_or(|when| when.holds(&Images::of(event.operation(), row)))
                && row.id.as_ref().is_none_or(|id| !seen.contains(id))
        };
        Some(good.iter().copied().filter(wanted).collect())
    }

    /// Returns the records that the handler is being shown for the event further up: what it sees
    /// of them now would be its own doing (DESIGN.md decision 4).
    fn seen_above(&self, handler: &TriggerRegistration, event: TriggerEvent) -> HashSet<&RecordId> {
        let mut seen = HashSet::new();
        let mut place = Some(self);
        while let Some(here) = place.filter(|_| handler.is_once_per_record()) {
            if here.event() == Some(event)
                && here.handler() == handler.name()
                && here.object().eq_ignore_ascii_case(handler.object())
            {
                seen.extend(here.shown());
            }
            place = here.parent();
        }
        seen
    }

    /// Runs one handler and turns whatever went wrong into a typed error.
    pub(super) async fn call(
        &self,
        chunk: &mut Chunk,
        handler: &TriggerRegistration,
        event: TriggerEvent,
        shown: &[usize],
    ) -> Result<()> {
        let ids = if handler.is_once_per_record() {
            shown.iter().filter_map(|&at| chunk.rows[at].id.clone()).collect()
        } else {
            Vec::new()
        };
        let doing = self.handler_step(chunk, handler, event, shown.len());
        let execution = self.inside(handler, event, ids, doing.at());
        let invocation = Invocation {
            execution: execution.clone(),
            event,
            chunk: chunk.info,
            rows: &mut chunk.rows,
            shown,
            field_updates: &mut chunk.field_updates,
        };
        let _ending = Ending(execution.clone());
        let (trigger, number) = execution.trigger_spans(event, chunk.info, shown.len());
        let run = pin!(panic::run(&execution, handler.call(invocation)));
        let (ended, spent) = run.instrument(number).instrument(trigger).await;
        doing.set(|step| (step.cpu, step.peak) = (spent.cpu, spent.peak()));
        let over = execution.end();
        let within = self.governor().check(execution.payer());
        let answer = within.and_then(|()| self.outcome_of(ended).and(over)).map_err(|error| {
            let error = match error.kind() {
                ErrorKind::HandlerPanicked => error.with("at", handler.source()),
                _ => error,
            };
            error
                .with("handler", handler.name())
                .with("object", handler.object())
                .with("event", event)
                .with("cause", execution.cause())
                .with("execution", self.id())
        });
        doing.end(answer)
    }

    fn handler_step(
        &self,
        chunk: &Chunk,
        handler: &TriggerRegistration,
        event: TriggerEvent,
        rows: usize,
    ) -> Doing<'_> {
        let recorder = &self.state().recorder;
        let doing = recorder.begin(StepKind::Handler, self.dml_step(), handler.name().clone());
        let narrow = |number| u32::try_from(number).unwrap_or(u32::MAX);
        doing.set(|step| {
            step.object = handler.object().clone();
            step.event = Some(event);
            step.chunk = Some((narrow(chunk.info.number), narrow(chunk.info.of)));
            step.rows = rows as u64;
        });
        doing
    }

    /// Limits and conflicts of this execution end it as they are; the rest is the handler's failure.
    pub(super) fn failed(&self, error: BoxError) -> Error {
        let passes = |error: &Error| match error.kind() {
            ErrorKind::LimitExceeded => self.governor().has_passed(),
            ErrorKind::Conflict => self.has_conflict(),
            ErrorKind::ExecutionEnded => true,
            _ => false,
        };
        match error.downcast::<Error>() {
            Ok(error) if passes(&error) => *error,
            Ok(error) => Error::new(ErrorKind::Handler, "a handler failed").with_source(*error),
            Err(error) => Error::new(ErrorKind::Handler, "a handler failed").with_source(error),
        }
    }
}
