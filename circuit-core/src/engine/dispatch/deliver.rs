//! One handler and one batch: runs, retries, checkpoints.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::batch::{Batch, Change};
use super::delivery::{Delivered, Delivering, DeliveryEnd, StoppedHandler};
use crate::dml::Outcome;
use crate::engine::chunk::Style;
use crate::engine::execution::Execution;
use crate::engine::report::{Earlier, Reported};
use crate::engine::run::Run;
use crate::engine::save::Chunk;
use crate::engine::session::Session;
use crate::error::{Error, ErrorKind, Result, RetryableError};
use crate::event::TriggerEvent;
use crate::registry::TriggerRegistration;
use crate::transaction::Because;
use crate::trigger::{ChunkInfo, RowState};
use crate::value::Text;

/// How often a batch is delivered again (A14).
const RETRIES: u32 = 9;

/// The longest that a handler waits for its next run.
const LONGEST: Duration = Duration::from_mins(5);

/// What a run that failed leads to.
enum Next {
    /// The same events again, because a record moved.
    Again,
    /// The same events again, later.
    Retry,
    /// The events after the checkpoint; what was done until then is kept.
    After(usize, Box<Outcome<()>>, Error),
    End(DeliveryEnd),
}

/// Where a delivery stands.
struct State {
    /// The events before this one are done.
    from: usize,
    retries: u32,
    /// The runs that a conflict ended.
    earlier: Earlier,
    last_error: Option<String>,
}

impl Session {
    /// Delivers a batch to one handler until it is through with it, fails or gives up.
    pub(super) async fn deliver(
        &self,
        handler: &Arc<TriggerRegistration>,
        batch: &Batch,
    ) -> Delivered {
        let mut delivered = Delivered {
            handler: handler.name().clone(),
            object: handler.object().clone(),
            runs: 0,
            outcomes: Vec::new(),
            errors: Vec::new(),
            end: DeliveryEnd::Done,
        };
        if self.stopped(handler) {
            delivered.end = DeliveryEnd::Stopped;
            return delivered;
        }
        let mut state =
            State { from: 0, retries: 0, earlier: Earlier::default(), last_error: None };
        loop {
            delivered.runs += 1;
            match self.run_delivery(handler, batch, &mut state).await {
                Ok(outcome) => {
                    delivered.outcomes.push(*outcome);
                    return delivered;
                }
                Err(Next::Again) => {}
                Err(Next::Retry) => {
                    let delay = Duration::from_secs(1 << (state.retries - 1).min(16)).min(LONGEST);
                    self.engine.clock.sleep(delay).await;
                }
                Err(Next::After(from, outcome, error)) => {
                    delivered.outcomes.push(*outcome);
                    delivered.errors.push(error);
                    state =
                        State { from, retries: 0, earlier: Earlier::default(), last_error: None };
                    if from == batch.events.len() {
                        return delivered;
                    }
                }
                Err(Next::End(end)) => {
                    delivered.end = end;
                    return delivered;
                }
            }
        }
    }

    /// One run: an execution of its own.
    async fn run_delivery(
        &self,
        handler: &Arc<TriggerRegistration>,
        batch: &Batch,
        state: &mut State,
    ) -> std::result::Result<Box<Outcome<()>>, Next> {
        let mut session = self.clone();
        let delivering = Arc::new(Delivering {
            retries: state.retries,
            last_error: state.last_error.clone(),
            replay_ids: batch.events.iter().map(|event| event.replay_id.clone()).collect(),
            ..Delivering::default()
        });
        let start = Arc::make_mut(&mut session.start);
        if start.origin.is_empty() {
            start.origin = origin(batch, state.from);
        }
        start.delivering = Some(Arc::clone(&delivering));
        let from = state.from;
        let code =
            |execution: Execution| async move { execution.hand_over(handler, batch, from).await };
        match session.run_once(&code, std::mem::take(&mut state.earlier)).await {
            Run::Done(outcome) => Ok(outcome),
            Run::Failed(execution, error) => {
                Err(session.after_failure(execution, error, handler, batch, state).await)
            }
        }
    }

    async fn after_failure(
        &self,
        execution: Reported,
        error: Error,
        handler: &TriggerRegistration,
        batch: &Batch,
        state: &mut State,
    ) -> Next {
        if execution.may_run_again(&error, execution.reruns()) {
            state.earlier = execution.superseded();
            return Next::Again;
        }
        let checkpoint = execution.state().start.delivering.as_ref().and_then(|d| d.checkpoint());
        let first = &batch.events[state.from];
        let error = error.with("replay id", &first.replay_id).with("execution", execution.id());
        // Contention is no fault of the handler: its events are not lost for it.
        if RetryableError::is_in(&error) || error.is_conflict() {
            let reason = std::error::Error::source(&error).map(ToString::to_string);
            state.last_error = Some(reason.unwrap_or_else(|| error.message().to_owned()));
            if state.retries < RETRIES {
                state.retries += 1;
                drop(execution.failed(error));
                return Next::Retry;
            }
            let error = execution.run_after_rollback(self, error).await;
            let error = self.give_up(handler, batch, state, execution.failed(error));
            return Next::End(DeliveryEnd::GaveUp(error));
        }
        let in_memory = !execution.state().handed_over.load(Ordering::Acquire);
        if let Some((place, mark)) = checkpoint.filter(|(at, _)| in_memory && *at >= state.from) {
            execution.transaction().rollback(mark, Because::Failed);
            return match self.keep_until_checkpoint(execution, &error).await {
                Run::Done(outcome) => Next::After(place + 1, outcome, error),
                Run::Failed(execution, error) => {
                    Next::End(DeliveryEnd::Failed(execution.failed(error)))
                }
            };
        }
        let error = execution.run_after_rollback(self, error).await;
        Next::End(DeliveryEnd::Failed(execution.failed(error)))
    }

    async fn keep_until_checkpoint(&self, execution: Reported, why: &Error) -> Run<()> {
        if execution.has_before_commit() {
            let hooks = Box::pin(execution.within_deadline(execution.run_before_commit())).await;
            if let Err(error) = hooks.flatten() {
                return Run::Failed(execution, error);
            }
        }
        self.finish(execution, (), Some(why)).await
    }

    /// Stops the handler; the error names the event where it has to go on.
    fn give_up(
        &self,
        handler: &TriggerRegistration,
        batch: &Batch,
        state: &State,
        error: Error,
    ) -> Error {
        let first = &batch.events[state.from];
        self.engine.subscriptions.stop(StoppedHandler {
            handler: handler.name().clone(),
            object: handler.object().clone(),
            replay_id: first.replay_id.clone(),
            error: state.last_error.clone().unwrap_or_default(),
        });
        Error::new(ErrorKind::GaveUp, "a handler gave up an event and is stopped")
            .with("handler", handler.name())
            .with("object", handler.object())
            .with("replay id", &first.replay_id)
            .with("id", &first.ids[0])
            .with("runs", state.retries + 1)
            .with_source(error)
    }
}

fn origin(batch: &Batch, from: usize) -> Text {
    match &*batch.events[from].replay_id {
        "" => Text::from_static("an event"),
        id => Text::from(format!("event {id}")),
    }
}

impl Execution {
    /// Calls the handler for each run of events of one kind, in order.
    async fn hand_over(
        &self,
        handler: &Arc<TriggerRegistration>,
        batch: &Batch,
        from: usize,
    ) -> Result<()> {
        let object = self.state().engine.catalog.get(handler.object());
        let mine = |change: &&Change| {
            change.place >= from
                && change.event.fields.object().eq_ignore_ascii_case(handler.object())
                && handler.events().contains(&change.kind)
        };
        let changes: Vec<&Change> = batch.changes.iter().filter(mine).collect();
        let runs: Vec<&[&Change]> = changes.chunk_by(|a, b| a.kind == b.kind).collect();
        let (recorder, indexed) = (&self.state().recorder, &self.state().engine.indexed);
        recorder.about(handler.object(), changes.first().map(|first| first.kind), changes.len());
        recorder.keys(indexed, changes.iter().filter_map(|change| change.key()));
        for (i, run) in runs.iter().enumerate() {
            let event = run[0].kind;
            if !self.may_run(handler, event) {
                continue;
            }
            let info = ChunkInfo {
                total: changes.len(),
                number: i + 1,
                of: runs.len(),
                attempt: 1,
                refire: false,
            };
            let rows = run.iter().map(|change| row(change)).collect();
            let chunk = Chunk::new(&object, event.operation(), info, rows, Style::default());
            let all: Vec<usize> = (0..chunk.rows.len()).collect();
            let shown = self.select(&chunk, handler, event, &all).unwrap_or(all);
            if !shown.is_empty() {
                self.tell(chunk, handler, event, shown).await?;
            }
        }
        Ok(())
    }
}

impl Execution {
    /// Calls the handler, on a thread for handlers.
    async fn tell(
        &self,
        mut chunk: Chunk,
        handler: &Arc<TriggerRegistration>,
        event: TriggerEvent,
        shown: Vec<usize>,
    ) -> Result<()> {
        let (place, handler) = (self.clone(), Arc::clone(handler));
        let call = async move {
            place.call(&mut chunk, &handler, event, &shown).await?;
            refuse_veto(&chunk, &handler, event)
        };
        if self.is_isolated() { self.isolated(call).await } else { call.await }
    }
}

fn row(change: &Change) -> RowState {
    RowState {
        index: change.place,
        id: Some(change.id.clone()),
        new: change.new.clone(),
        old: change.old.clone(),
        failures: Vec::new(),
        change: Some(Arc::clone(&change.event)),
    }
}

/// What somebody else wrote cannot be refused any more.
fn refuse_veto(chunk: &Chunk, handler: &TriggerRegistration, event: TriggerEvent) -> Result<()> {
    let failures: Vec<_> = chunk.rows.iter().flat_map(|row| row.failures.clone()).collect();
    if failures.is_empty() {
        return Ok(());
    }
    let message = "a handler refused a change that somebody else has already made";
    Err(Error::new(ErrorKind::Handler, message)
        .with("handler", handler.name())
        .with("object", handler.object())
        .with("event", event)
        .with_failures(failures))
}

/// What handlers of event triggers know about their delivery.
impl Execution {
    /// What was undone by a savepoint is not kept by an earlier checkpoint either.
    pub(in crate::engine) fn lower_checkpoint(&self) {
        let Some(delivering) = &self.state().start.delivering else {
            return;
        };
        let now = self.transaction().mark();
        let mut checkpoint =
            delivering.checkpoint.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((_, mark)) = &mut *checkpoint {
            *mark = (*mark).min(now);
        }
    }

    /// Returns how often the batch was delivered to this handler before (Apex: `retries`).
    pub fn retries(&self) -> u32 {
        self.state().start.delivering.as_ref().map_or(0, |delivering| delivering.retries)
    }

    /// Returns the reason that the last run gave, in a retry (Apex: `lastError`).
    pub fn last_error(&self) -> Option<&str> {
        self.state().start.delivering.as_ref()?.last_error.as_deref()
    }

    /// Keeps what was done until here if the run fails later: the next one begins after this event
    /// (Apex: `EventBus.TriggerContext.setResumeCheckpoint`).
    ///
    /// # Errors
    /// [`ErrorKind::NotInThisEvent`] outside of event triggers, [`ErrorKind::InvalidInput`] if the
    /// batch has no event with the replay id.
    pub async fn set_resume_checkpoint(&self, replay_id: impl Into<Text> + Send) -> Result<()> {
        let _turn = self.turn().await?;
        let replay_id = replay_id.into();
        let outside = || {
            Error::new(ErrorKind::NotInThisEvent, "only handlers of events have checkpoints")
                .with("handler", self.handler())
                .with("execution", self.id())
        };
        let delivering = self.state().start.delivering.as_ref().filter(|_| self.is_delivery());
        let delivering = delivering.ok_or_else(outside)?;
        let place = delivering.replay_ids.iter().rposition(|id| *id == replay_id);
        let place = place.filter(|_| !replay_id.is_empty());
        let place = place.ok_or_else(|| {
            Error::new(ErrorKind::InvalidInput, "the batch has no event with this replay id")
                .with("replay id", &replay_id)
                .with("handler", self.handler())
        })?;
        let mark = self.transaction().mark();
        let mut checkpoint =
            delivering.checkpoint.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *checkpoint = Some((place, mark));
        Ok(())
    }
}
