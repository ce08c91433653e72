//! One execution: what handlers and hosts do things through.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::task::AbortHandle;
use uuid::Uuid;

use super::builder::Engine;
use super::cause::Quiddity;
use super::in_flight::InFlight;
use super::start::Start;
use super::statics::Statics;
use crate::bypass::{Bypass, BypassGuard, BypassScopes};
use crate::error::{Error, ErrorKind, Result};
use crate::event::TriggerEvent;
use crate::governor::{Governor, LimitsInUse, Payer, Tally};
use crate::log::{CircuitLog, Origin};
use crate::record::RecordId;
use crate::registry::TriggerRegistration;
use crate::report::Recorder;
use crate::transaction::Transaction;
use crate::value::Text;

/// One entry from outside: an id, a user, a governor, a log and one transaction.
///
/// Handlers have one in their context; hosts get one from [`Circuit::run`](crate::Circuit::run).
/// DML calls of one place run one after the other, also when their futures are joined.
#[derive(Clone)]
pub struct Execution(pub(super) Arc<Scope>);

/// The place from which things are done: the host, or one call of one handler.
pub(super) struct Scope {
    pub(super) state: Arc<State>,
    parent: Option<Execution>,
    depth: u32,
    pub(super) handler: Text,
    pub(super) object: Text,
    event: Option<TriggerEvent>,
    /// On whose account its doing goes.
    pub(super) payer: Payer,
    /// The records shown, where the handler wants to see each only once.
    shown: Vec<RecordId>,
    pub(super) log: CircuitLog,
    /// The step that this place is; `NO_STEP` for the host.
    step: u32,
    /// The step of the DML call that is under way.
    dml: AtomicU32,
    /// Held by the call that is under way.
    turn: tokio::sync::Mutex<()>,
    /// Whether anything was called from it.
    called: AtomicBool,
    /// Whether it set a savepoint, which ends with it.
    saved: AtomicBool,
    /// The bytes of what was found for its handler, where bytes are estimated.
    pub(super) held: AtomicU64,
    ended: AtomicBool,
    /// The work beside its handler.
    beside: Mutex<Vec<AbortHandle>>,
}

/// What all places of an execution share.
pub(super) struct State {
    pub(super) engine: Arc<Engine>,
    pub(super) id: Uuid,
    pub(super) start: Arc<Start>,
    pub(super) governor: Governor,
    pub(super) recorder: Recorder,
    pub(super) bypasses: Arc<BypassScopes>,
    pub(super) in_flight: Mutex<Vec<Arc<InFlight>>>,
    pub(super) statics: Statics,
    /// Whether something left the engine that a second run would do again.
    pub(super) called_out: AtomicBool,
    /// Whether the plan went to the store: nothing can be taken back any more.
    pub(super) handed_over: AtomicBool,
    /// Whether the store has taken the plan.
    pub(super) committed: AtomicBool,
    transaction: Mutex<Transaction>,
    conflict: AtomicBool,
    /// Whether its thread was given up because of another execution.
    pub(super) lost: AtomicBool,
}

impl Scope {
    /// A place of a handler that another payer's doing led to.
    fn new(
        state: Arc<State>,
        parent: Option<Payer>,
        handler: Text,
        object: Text,
        log: CircuitLog,
    ) -> Self {
        Self {
            payer: state.governor.payer(parent, &handler, &object),
            state,
            parent: None,
            depth: 0,
            handler,
            object,
            event: None,
            shown: Vec::new(),
            log,
            step: NO_STEP,
            dml: AtomicU32::new(NO_STEP),
            turn: tokio::sync::Mutex::default(),
            called: AtomicBool::new(false),
            saved: AtomicBool::new(false),
            held: AtomicU64::new(0),
            ended: AtomicBool::new(false),
            beside: Mutex::default(),
        }
    }
}

impl State {
    fn new(engine: &Arc<Engine>, start: &Arc<Start>, id: Uuid, governor: Governor) -> Self {
        Self {
            engine: Arc::clone(engine),
            id,
            start: Arc::clone(start),
            governor,
            recorder: Recorder::new(Arc::clone(&engine.clock)),
            bypasses: Arc::default(),
            in_flight: Mutex::default(),
            statics: Statics::default(),
            called_out: AtomicBool::new(false),
            handed_over: AtomicBool::new(false),
            committed: AtomicBool::new(false),
            transaction: Mutex::default(),
            conflict: AtomicBool::new(false),
            lost: AtomicBool::new(false),
        }
    }
}

/// No step, in the place of one.
const NO_STEP: u32 = u32::MAX;

/// The name under which the host's own calls are counted.
pub(super) const HOST: Text = Text::from_static("host");

/// The name of whoever made the changes that an event trigger runs for.
const OUTSIDE: Text = Text::from_static("outside");

impl Execution {
    pub(super) fn start(engine: &Arc<Engine>, start: &Arc<Start>) -> Self {
        let start = &start.redacted(&engine.log);
        let id = engine.ids.execution_id();
        let handler = if start.delivering.is_some() { OUTSIDE } else { HOST };
        let tally = Arc::new(Tally::start(Arc::clone(&engine.clock)));
        let origin = Origin {
            execution: id,
            user: start.who.user.clone(),
            tenant: start.who.tenant.clone(),
            clock: Arc::clone(&engine.clock),
            filter: start.log_filter.clone(),
        };
        let log = CircuitLog::new(&engine.log, origin, &tally, handler.clone());
        let limits = start.limits.as_ref().unwrap_or_else(|| engine.limits.of(&start.who.tenant));
        let governor =
            Governor::new(limits.clone(), Arc::clone(&engine.budgets), tally, log.clone());
        let state = State::new(engine, start, id, governor);
        Self(Arc::new(Scope::new(Arc::new(state), None, handler, Text::default(), log)))
    }

    /// Returns a place for what follows the end of this execution: it has its id and its log, and
    /// limits of its own.
    pub(super) fn aftermath(&self, handler: &Text) -> Self {
        let State { engine, start, id, governor, .. } = self.state();
        let tally = Arc::new(Tally::start(Arc::clone(&engine.clock)));
        let log = self.0.log.for_handler(handler).counted_by(&tally);
        let governor = Governor::new(
            governor.limits().clone(),
            Arc::clone(&engine.budgets),
            tally,
            log.clone(),
        );
        let state = State::new(engine, start, *id, governor);
        Self(Arc::new(Scope::new(Arc::new(state), None, handler.clone(), Text::default(), log)))
    }

    /// Returns the place of a handler that this place's DML calls.
    pub(super) fn inside(
        &self,
        handler: &TriggerRegistration,
        event: TriggerEvent,
        shown: Vec<RecordId>,
        step: Option<u32>,
    ) -> Self {
        let state = Arc::clone(&self.0.state);
        let log = self.0.log.of(handler.name(), handler.object(), Some(event), self.0.depth + 1);
        let step = step.unwrap_or(NO_STEP);
        let (name, object) = (handler.name().clone(), handler.object().clone());
        Self(Arc::new(Scope {
            parent: Some(self.clone()),
            depth: self.0.depth + 1,
            event: Some(event),
            shown,
            step,
            dml: AtomicU32::new(step),
            ..Scope::new(state, Some(self.0.payer), name, object, log)
        }))
    }

    /// Returns a place outside of all handlers that counts for a handler: a hook's.
    pub(super) fn on_behalf_of(&self, handler: &Text, object: &Text, step: Option<u32>) -> Self {
        let step = step.unwrap_or(NO_STEP);
        let log = self.0.log.of(handler, object, None, 0);
        let state = Arc::clone(&self.0.state);
        Self(Arc::new(Scope {
            step,
            dml: AtomicU32::new(step),
            ..Scope::new(state, Some(self.0.payer), handler.clone(), object.clone(), log)
        }))
    }

    pub(super) fn state(&self) -> &State {
        &self.0.state
    }

    /// Returns the step that this place is part of.
    pub(super) fn own_step(&self) -> Option<u32> {
        Some(self.0.step).filter(|step| *step != NO_STEP)
    }

    /// Returns the step that handlers which this place brings about are part of.
    pub(super) fn dml_step(&self) -> Option<u32> {
        Some(self.0.dml.load(Ordering::Acquire)).filter(|step| *step != NO_STEP)
    }

    /// Notes the DML call that is under way; `None` after it.
    pub(super) fn set_dml_step(&self, step: Option<u32>) {
        self.0.dml.store(step.unwrap_or(self.0.step), Ordering::Release);
    }

    /// Returns the place whose DML led here.
    pub(super) fn parent(&self) -> Option<&Self> {
        self.0.parent.as_ref()
    }

    /// Returns the event that this place's handler runs for.
    pub(super) fn event(&self) -> Option<TriggerEvent> {
        self.0.event
    }

    /// Returns whether this place's handler runs for a change that somebody else made.
    pub(super) fn is_delivery(&self) -> bool {
        let called_by_root =
            |parent: &Self| parent.parent().is_none() && *parent.handler() == OUTSIDE;
        self.0.state.start.delivering.is_some() && self.parent().is_some_and(called_by_root)
    }

    pub(super) fn shown(&self) -> &[RecordId] {
        &self.0.shown
    }

    /// Notes that this place set a savepoint.
    pub(super) fn note_savepoint(&self) {
        self.0.saved.store(true, Ordering::Release);
    }

    /// Returns a number that no other living place has.
    pub(super) fn place(&self) -> usize {
        Arc::as_ptr(&self.0) as usize
    }

    pub(super) fn transaction(&self) -> MutexGuard<'_, Transaction> {
        self.0.state.transaction.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the other calls of this place are done, and checks that work may go on.
    pub(super) async fn turn(&self) -> Result<tokio::sync::MutexGuard<'_, ()>> {
        self.0.called.store(true, Ordering::SeqCst);
        let turn = self.0.turn.lock().await;
        self.alive()?;
        self.0.state.governor.check(self.0.payer)?;
        Ok(turn)
    }

    /// Fails if the handler of this place or of one above it has returned.
    pub(super) fn alive(&self) -> Result<()> {
        let mut place = Some(self);
        while let Some(here) = place {
            if here.0.ended.load(Ordering::SeqCst) {
                return Err(self.over("the execution has ended"));
            }
            place = here.parent();
        }
        Ok(())
    }

    /// Ends this place: nothing more runs in it, and nothing may be under way.
    pub(super) fn end(&self) -> Result<()> {
        self.0.ended.store(true, Ordering::SeqCst);
        self.release_found();
        for task in self.beside().drain(..) {
            task.abort();
        }
        if self.0.saved.load(Ordering::Acquire) {
            self.transaction().release_savepoints_of(self.place());
        }
        if !self.0.called.load(Ordering::SeqCst) || self.0.turn.try_lock().is_ok() {
            return Ok(());
        }
        Err(self.over("a call was still under way; every call has to be awaited"))
    }

    /// Ends work beside the handler when this place ends; at once if it has.
    pub(super) fn ends_with(&self, task: AbortHandle) {
        let mut beside = self.beside();
        if self.0.ended.load(Ordering::SeqCst) {
            task.abort();
            return;
        }
        beside.retain(|task| !task.is_finished());
        beside.push(task);
    }

    fn beside(&self) -> MutexGuard<'_, Vec<AbortHandle>> {
        self.0.beside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn over(&self, message: &str) -> Error {
        Error::new(ErrorKind::ExecutionEnded, message)
            .with("handler", &self.0.handler)
            .with("execution", self.id())
    }

    /// Notes that a record moved under the execution, so that it is run again.
    pub(super) fn conflict(&self, object: &Text, id: impl fmt::Display) -> Error {
        self.0.state.conflict.store(true, Ordering::Release);
        Error::new(ErrorKind::Conflict, "another execution changed the record first")
            .with("status", crate::StatusCode::UnableToLockRow)
            .with("object", object)
            .with("id", id)
            .with("execution", self.id())
    }

    pub(super) fn has_conflict(&self) -> bool {
        self.0.state.conflict.load(Ordering::Acquire)
    }

    /// Returns the execution's id.
    pub fn id(&self) -> Uuid {
        self.0.state.id
    }

    /// Returns the user who runs it; empty if the host named none.
    pub fn user(&self) -> &Text {
        &self.0.state.start.who.user
    }

    /// Returns the tenant for whom it runs; empty if the host named none.
    pub fn tenant(&self) -> &Text {
        &self.0.state.start.who.tenant
    }

    /// Returns whether the user has a permission.
    pub fn has_permission(&self, permission: &str) -> bool {
        self.0.state.start.who.permissions.iter().any(|own| **own == *permission)
    }

    /// Returns how the execution began (Apex: `System.Quiddity`).
    pub fn quiddity(&self) -> Quiddity {
        self.0.state.start.quiddity
    }

    /// Returns the name of the handler at this place; `host` outside of handlers.
    pub fn handler(&self) -> &Text {
        &self.0.handler
    }

    /// Returns the object of the handler at this place; empty outside of handlers.
    pub fn object(&self) -> &Text {
        &self.0.object
    }

    /// Returns on whose account the doing of this place goes.
    pub(super) fn payer(&self) -> Payer {
        self.0.payer
    }

    /// Returns how many triggers deep this place is; 0 for the host.
    pub fn depth(&self) -> u32 {
        self.0.depth
    }

    /// Returns the time.
    pub fn now(&self) -> DateTime<Utc> {
        self.0.state.engine.clock.now()
    }

    /// Returns a new id for a record of the object, where the store lets the caller choose ids.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] where the store assigns them.
    pub fn new_id(&self, object: &str) -> Result<RecordId> {
        let engine = &self.0.state.engine;
        match engine.db.capability().ids {
            crate::db::IdPolicy::Caller => Ok(engine.ids.record_id(object)),
            crate::db::IdPolicy::Store => {
                let message = "the store assigns ids at the commit";
                Err(Error::new(ErrorKind::Unsupported, message).with("object", object))
            }
        }
    }

    /// Returns the log.
    pub fn log(&self) -> &CircuitLog {
        &self.0.log
    }

    /// Returns the governor: what was used, and what may be.
    pub fn governor(&self) -> &Governor {
        &self.0.state.governor
    }

    /// Returns what was used up to now beside what may be (Apex: the `Limits` class).
    pub fn limits(&self) -> LimitsInUse {
        self.governor().in_use()
    }

    /// Returns the wall clock that is left; callouts do not count.
    pub fn remaining(&self) -> Duration {
        self.governor().remaining()
    }

    /// Leaves handlers out until the guard is dropped; an inner scope never ends an outer one.
    pub fn bypass(&self, bypass: Bypass) -> BypassGuard {
        self.0.state.bypasses.enter(bypass)
    }
}

/// Ends a place when what runs in it is done or dropped.
pub(super) struct Ending(pub(super) Execution);

impl Drop for Ending {
    fn drop(&mut self) {
        // Whoever waits for the end has asked for it before.
        drop(self.0.end());
    }
}

impl fmt::Debug for Execution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Execution")
            .field("id", &self.id())
            .field("handler", self.handler())
            .field("depth", &self.depth())
            .finish_non_exhaustive()
    }
}
