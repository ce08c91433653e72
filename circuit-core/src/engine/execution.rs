//! One execution: what handlers and hosts do things through.

use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::builder::Engine;
use crate::bypass::{Bypass, BypassGuard, BypassScopes, Who};
use crate::dml::SaveResult;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Operation, TriggerEvent};
use crate::governor::Governor;
use crate::log::CircuitLog;
use crate::record::IntoRecords;
use crate::registry::TriggerRegistration;
use crate::transaction::Transaction;
use crate::value::Text;

/// One entry from outside: an id, a user, a governor, a log and one transaction.
///
/// Handlers have one in their context; hosts get one from [`Circuit::run`](crate::Circuit::run).
/// DML calls of one place run one after the other, also when their futures are joined.
#[derive(Clone)]
pub struct Execution(Arc<Scope>);

/// The place from which things are done: the host, or one call of one handler.
struct Scope {
    state: Arc<State>,
    depth: u32,
    handler: Text,
    object: Text,
    log: CircuitLog,
    turn: tokio::sync::Mutex<()>,
}

/// What all places of an execution share.
pub(super) struct State {
    pub(super) engine: Arc<Engine>,
    pub(super) id: Uuid,
    pub(super) who: Who,
    pub(super) governor: Governor,
    pub(super) bypasses: Arc<BypassScopes>,
    transaction: Mutex<Transaction>,
    conflict: AtomicBool,
    ended: AtomicBool,
}

/// The name under which the host's own calls are counted.
const HOST: Text = Text::from_static("host");

impl Execution {
    pub(super) fn start(engine: &Arc<Engine>, id: Uuid, who: Who, governor: Governor) -> Self {
        let log = CircuitLog::new(id, Arc::clone(&engine.clock), HOST);
        let state = State {
            engine: Arc::clone(engine),
            id,
            who,
            governor,
            bypasses: Arc::default(),
            transaction: Mutex::default(),
            conflict: AtomicBool::new(false),
            ended: AtomicBool::new(false),
        };
        Self::at(Arc::new(state), 0, HOST, Text::default(), log)
    }

    fn at(state: Arc<State>, depth: u32, handler: Text, object: Text, log: CircuitLog) -> Self {
        let turn = tokio::sync::Mutex::new(());
        Self(Arc::new(Scope { state, depth, handler, object, log, turn }))
    }

    /// Returns the place of a handler that this place's DML calls.
    pub(super) fn inside(&self, handler: &TriggerRegistration, event: TriggerEvent) -> Self {
        let log = self.0.log.of(handler.name(), event);
        let state = Arc::clone(&self.0.state);
        Self::at(state, self.0.depth + 1, handler.name().clone(), handler.object().clone(), log)
    }

    pub(super) fn state(&self) -> &State {
        &self.0.state
    }

    pub(super) fn transaction(&self) -> MutexGuard<'_, Transaction> {
        self.0.state.transaction.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the other calls of this place are done, and checks that work may go on.
    pub(super) async fn turn(&self) -> Result<tokio::sync::MutexGuard<'_, ()>> {
        let turn = self.0.turn.lock().await;
        if self.0.state.ended.load(Ordering::Acquire) {
            return Err(Error::new(ErrorKind::ExecutionEnded, "the execution has ended")
                .with("handler", &self.0.handler)
                .with("execution", self.id()));
        }
        self.0.state.governor.check(&self.0.handler)?;
        Ok(turn)
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

    pub(super) fn end(&self) {
        self.0.state.ended.store(true, Ordering::Release);
    }

    /// Returns the execution's id.
    pub fn id(&self) -> Uuid {
        self.0.state.id
    }

    /// Returns the user who runs it; empty if the host named none.
    pub fn user(&self) -> &Text {
        &self.0.state.who.user
    }

    /// Returns the tenant for whom it runs; empty if the host named none.
    pub fn tenant(&self) -> &Text {
        &self.0.state.who.tenant
    }

    /// Returns the name of the handler at this place; `host` outside of handlers.
    pub fn handler(&self) -> &Text {
        &self.0.handler
    }

    /// Returns the object of the handler at this place; empty outside of handlers.
    pub fn object(&self) -> &Text {
        &self.0.object
    }

    /// Returns how many triggers deep this place is; 0 for the host.
    pub fn depth(&self) -> u32 {
        self.0.depth
    }

    /// Returns the time.
    pub fn now(&self) -> DateTime<Utc> {
        self.0.state.engine.clock.now()
    }

    /// Returns the log.
    pub fn log(&self) -> &CircuitLog {
        &self.0.log
    }

    /// Returns the governor: what was used, and what may be.
    pub fn governor(&self) -> &Governor {
        &self.0.state.governor
    }

    /// Leaves handlers out until the guard is dropped; an inner scope never ends an outer one.
    pub fn bypass(&self, bypass: Bypass) -> BypassGuard {
        self.0.state.bypasses.enter(bypass)
    }

    /// Inserts records: 1 DML statement, a DML row each; nothing for an empty list.
    ///
    /// # Errors
    /// [`ErrorKind::Dml`] with every refused row, [`ErrorKind::Handler`] if a handler failed,
    /// [`ErrorKind::LimitExceeded`]. The call and all that it set off are undone then.
    pub fn insert<R: IntoRecords>(
        &self,
        records: R,
    ) -> impl Future<Output = Result<Vec<SaveResult>>> + Send {
        self.save(Operation::Insert, records.into_records())
    }

    /// Updates records: fields that a record does not have stay as they are.
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub fn update<R: IntoRecords>(
        &self,
        records: R,
    ) -> impl Future<Output = Result<Vec<SaveResult>>> + Send {
        self.save(Operation::Update, records.into_records())
    }

    /// Deletes records by their ids.
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub fn delete<R: IntoRecords>(
        &self,
        records: R,
    ) -> impl Future<Output = Result<Vec<SaveResult>>> + Send {
        self.save(Operation::Delete, records.into_records())
    }

    /// Brings records back from the recycle bin by their ids.
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub fn undelete<R: IntoRecords>(
        &self,
        records: R,
    ) -> impl Future<Output = Result<Vec<SaveResult>>> + Send {
        self.save(Operation::Undelete, records.into_records())
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
