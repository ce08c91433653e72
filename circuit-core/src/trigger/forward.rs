//! The context beyond its records: what runs, who runs it, and the way to the store.

use std::future::Future;
use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::context::TriggerContext;
use super::invocation::ChunkInfo;
use crate::bypass::{Bypass, BypassGuard};
use crate::db::QueryPlan;
use crate::dml::{DmlRequest, SaveResult};
use crate::engine::{
    Callout, Cause, Committed, Execution, QueryStream, Quiddity, RolledBack, Spawned,
};
use crate::error::{HandlerError, Result};
use crate::event::{EventPhase, Operation, TriggerEvent};
use crate::governor::{Governor, LimitsInUse};
use crate::log::CircuitLog;
use crate::record::{AggregateRow, IntoRecords, RecordId, SObject};
use crate::soql::{IntoAggregate, IntoQuery, IntoRows};
use crate::transaction::Savepoint;
use crate::value::Text;

/// Which event runs.
impl<T, P> TriggerContext<'_, T, P> {
    /// Returns the event.
    pub fn event(&self) -> TriggerEvent {
        self.invocation.event
    }

    /// Returns the name of the event as Apex's `operationType` gives it.
    pub fn operation_type(&self) -> &'static str {
        self.event().operation_type()
    }

    /// Returns whether the records are not stored yet.
    pub fn is_before(&self) -> bool {
        self.event().phase() == EventPhase::Before
    }

    /// Returns whether the records are stored, though not committed.
    pub fn is_after(&self) -> bool {
        self.event().phase() == EventPhase::After
    }

    /// Returns whether records are inserted.
    pub fn is_insert(&self) -> bool {
        self.event().operation() == Operation::Insert
    }

    /// Returns whether records are updated.
    pub fn is_update(&self) -> bool {
        self.event().operation() == Operation::Update
    }

    /// Returns whether records are deleted.
    pub fn is_delete(&self) -> bool {
        self.event().operation() == Operation::Delete
    }

    /// Returns whether records come back from the recycle bin.
    pub fn is_undelete(&self) -> bool {
        self.event().operation() == Operation::Undelete
    }

    /// Returns the number of records that the handler is shown (Apex: `Trigger.size`).
    pub fn size(&self) -> usize {
        self.invocation.shown.len()
    }

    /// Returns which part of the call this chunk is.
    pub fn chunk(&self) -> ChunkInfo {
        self.invocation.chunk
    }

    /// Returns the ids of the records; empty before an insert, unless the caller chose them.
    pub fn ids(&self) -> Vec<RecordId> {
        let shown = self.invocation.shown.iter();
        shown.filter_map(|&at| self.invocation.rows[at].id.clone()).collect()
    }

    /// Returns the object.
    pub fn object(&self) -> &Text {
        self.execution().object()
    }

    /// Returns this handler's name.
    pub fn handler(&self) -> &Text {
        self.execution().handler()
    }

    /// Returns which attempt of a partial save this is, from 1 to 3; 1 in every other call.
    pub fn attempt(&self) -> u32 {
        self.invocation.chunk.attempt
    }

    /// Returns whether update handlers run once more because of field updates.
    pub fn is_refire(&self) -> bool {
        self.invocation.chunk.refire
    }

    /// Returns how many triggers deep this handler runs, from 1.
    pub fn depth(&self) -> u32 {
        self.execution().depth()
    }
}

/// Who runs it, and what it may use.
impl<T, P> TriggerContext<'_, T, P> {
    /// Returns the execution, whose methods this context repeats.
    pub fn execution(&self) -> &Execution {
        &self.invocation.execution
    }

    /// Returns the execution's id.
    pub fn execution_id(&self) -> Uuid {
        self.execution().id()
    }

    /// Returns the user who runs the execution.
    pub fn user(&self) -> &Text {
        self.execution().user()
    }

    /// Returns whether the user has a permission.
    pub fn has_permission(&self, permission: &str) -> bool {
        self.execution().has_permission(permission)
    }

    /// Returns the tenant for whom it runs.
    pub fn tenant(&self) -> &Text {
        self.execution().tenant()
    }

    /// Returns how the execution began (Apex: `System.Quiddity`).
    pub fn quiddity(&self) -> Quiddity {
        self.execution().quiddity()
    }

    /// Returns why this handler runs: the chain of DML calls up to what came from outside.
    pub fn cause(&self) -> Cause {
        self.execution().cause()
    }

    /// Returns the time.
    pub fn now(&self) -> DateTime<Utc> {
        self.execution().now()
    }

    /// Returns the log.
    pub fn log(&self) -> &CircuitLog {
        self.execution().log()
    }

    /// Returns the governor: what was used, and what may be.
    pub fn governor(&self) -> &Governor {
        self.execution().governor()
    }

    /// Returns what was used up to now beside what may be (Apex: the `Limits` class).
    pub fn limits(&self) -> LimitsInUse {
        self.execution().limits()
    }

    /// Returns the wall clock that is left; callouts do not count.
    pub fn remaining(&self) -> Duration {
        self.execution().remaining()
    }

    /// Runs work beside the handler, which counts for it. See [`Execution::spawn`].
    pub fn spawn<F: Future<Output: Send> + Send + 'static>(&self, work: F) -> Spawned<F::Output> {
        self.execution().spawn(work)
    }

    /// Runs a future on the host's runtime, where I/O is allowed. See [`Execution::on_host`].
    pub fn on_host<F: Future<Output: Send> + Send + 'static>(
        &self,
        work: F,
    ) -> impl Future<Output = Result<F::Output>> + Send + use<'_, T, P, F> {
        self.execution().on_host(work)
    }

    /// Leaves handlers out until the guard is dropped.
    pub fn bypass(&self, bypass: Bypass) -> BypassGuard {
        self.execution().bypass(bypass)
    }
}

/// The way to the store. See [`Execution`] for errors and costs.
impl<T, P> TriggerContext<'_, T, P> {
    /// Runs a DML call of any kind and mode.
    pub fn dml(
        &self,
        request: DmlRequest,
    ) -> impl Future<Output = Result<Vec<SaveResult>>> + Send + use<'_, T, P> {
        self.execution().dml(request)
    }

    /// Inserts records.
    pub fn insert<R: IntoRecords>(
        &self,
        records: R,
    ) -> impl Future<Output = Result<Vec<SaveResult>>> + Send {
        self.execution().insert(records)
    }

    /// Updates records: fields that a record does not have stay as they are.
    pub fn update<R: IntoRecords>(
        &self,
        records: R,
    ) -> impl Future<Output = Result<Vec<SaveResult>>> + Send {
        self.execution().update(records)
    }

    /// Updates records that have an id and inserts those that have none.
    pub fn upsert<R: IntoRecords>(
        &self,
        records: R,
    ) -> impl Future<Output = Result<Vec<SaveResult>>> + Send {
        self.execution().upsert(records)
    }

    /// Updates the records whose value of a unique field or external id is found, and inserts the
    /// others.
    pub fn upsert_by<R: IntoRecords>(
        &self,
        field: impl Into<Text>,
        records: R,
    ) -> impl Future<Output = Result<Vec<SaveResult>>> + Send {
        self.execution().upsert_by(field, records)
    }

    /// Deletes records.
    pub fn delete<R: IntoRecords>(
        &self,
        records: R,
    ) -> impl Future<Output = Result<Vec<SaveResult>>> + Send {
        self.execution().delete(records)
    }

    /// Brings records back from the recycle bin.
    pub fn undelete<R: IntoRecords>(
        &self,
        records: R,
    ) -> impl Future<Output = Result<Vec<SaveResult>>> + Send {
        self.execution().undelete(records)
    }

    /// Merges at most two records into a master.
    pub fn merge<M: IntoRecords, R: IntoRecords>(
        &self,
        master: M,
        others: R,
    ) -> impl Future<Output = Result<Vec<SaveResult>>> + Send {
        self.execution().merge(master, others)
    }

    /// Removes deleted records for good.
    pub fn empty_recycle_bin<R: IntoRecords>(
        &self,
        records: R,
    ) -> impl Future<Output = Result<Vec<SaveResult>>> + Send {
        self.execution().empty_recycle_bin(records)
    }

    /// Returns a new id for a record of an object, where callers choose ids.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) where the store assigns them.
    pub fn new_id(&self, object: &str) -> Result<RecordId> {
        self.execution().new_id(object)
    }

    /// Returns the records that match, staged writes included.
    pub fn query<R: SObject>(
        &self,
        query: impl IntoQuery<R>,
    ) -> impl Future<Output = Result<Vec<R>>> + Send {
        self.execution().query(query)
    }

    /// Returns the one record that matches.
    pub fn query_one<R: SObject>(
        &self,
        query: impl IntoQuery<R>,
    ) -> impl Future<Output = Result<R>> + Send {
        self.execution().query_one(query)
    }

    /// Returns the one record that matches, or `None`.
    pub fn query_opt<R: SObject>(
        &self,
        query: impl IntoQuery<R>,
    ) -> impl Future<Output = Result<Option<R>>> + Send {
        self.execution().query_opt(query)
    }

    /// Returns the records that match one after the other. See [`Execution::query_stream`].
    ///
    /// # Errors
    /// As [`Execution::query_stream`].
    pub fn query_stream<R: SObject>(&self, query: impl IntoQuery<R>) -> Result<QueryStream<R>> {
        self.execution().query_stream(query)
    }

    /// Returns the number of records that match, staged writes included.
    pub fn count(&self, query: impl IntoRows) -> impl Future<Output = Result<usize>> + Send {
        self.execution().count(query)
    }

    /// Returns the rows of a query with groups. See [`Execution::aggregate`].
    pub fn aggregate<R: AggregateRow>(
        &self,
        query: impl IntoAggregate<R>,
    ) -> impl Future<Output = Result<Vec<R>>> + Send {
        self.execution().aggregate(query)
    }

    /// Returns how a query would be answered now. See [`Execution::explain`].
    pub fn explain(&self, query: impl IntoRows) -> impl Future<Output = Result<QueryPlan>> + Send {
        self.execution().explain(query)
    }
}

/// What handlers of event triggers know about their delivery. See [`Execution`].
impl<T, P> TriggerContext<'_, T, P> {
    /// Returns how often the batch was delivered to this handler before (Apex: `retries`).
    pub fn retries(&self) -> u32 {
        self.execution().retries()
    }

    /// Returns the reason that the last run gave, in a retry (Apex: `lastError`).
    pub fn last_error(&self) -> Option<&str> {
        self.execution().last_error()
    }

    /// Keeps what was done until here if the run fails later.
    pub fn set_resume_checkpoint(
        &self,
        replay_id: impl Into<Text> + Send,
    ) -> impl Future<Output = Result<()>> + Send {
        self.execution().set_resume_checkpoint(replay_id)
    }
}

/// The transaction and what surrounds it. See [`Execution`] for errors and costs.
impl<T, P> TriggerContext<'_, T, P> {
    /// Sets a savepoint.
    pub fn set_savepoint(&self) -> impl Future<Output = Result<Savepoint>> + Send {
        self.execution().set_savepoint()
    }

    /// Undoes everything since a savepoint.
    pub fn rollback(&self, savepoint: &Savepoint) -> impl Future<Output = Result<()>> + Send {
        self.execution().rollback(savepoint)
    }

    /// Gives up a savepoint and the later ones.
    pub fn release_savepoint(
        &self,
        savepoint: Savepoint,
    ) -> impl Future<Output = Result<()>> + Send {
        self.execution().release_savepoint(savepoint)
    }

    /// Lets the handler read and write a value that lives as long as the execution.
    pub fn statics<S, R>(&self, change: impl FnOnce(&mut S) -> R) -> R
    where
        S: Default + Send + 'static,
    {
        self.execution().statics(change)
    }

    /// Runs work once before the commit.
    pub fn before_commit<F, Fut>(
        &self,
        name: impl Into<Text> + Send,
        hook: F,
    ) -> impl Future<Output = Result<bool>> + Send
    where
        F: FnOnce(Execution) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        self.execution().before_commit(name, hook)
    }

    /// Runs work once after the commit.
    pub fn after_commit<F, Fut>(
        &self,
        name: impl Into<Text> + Send,
        hook: F,
    ) -> impl Future<Output = Result<bool>> + Send
    where
        F: FnOnce(Committed) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        self.execution().after_commit(name, hook)
    }

    /// Runs work once after the execution has failed.
    pub fn after_rollback<F, Fut>(
        &self,
        name: impl Into<Text> + Send,
        hook: F,
    ) -> impl Future<Output = Result<bool>> + Send
    where
        F: FnOnce(RolledBack) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        self.execution().after_rollback(name, hook)
    }

    /// Runs a call to another service.
    pub fn callout<A, F>(&self, callout: Callout, call: F) -> impl Future<Output = Result<A>> + Send
    where
        F: Future<Output = A> + Send,
    {
        self.execution().callout(callout, call)
    }
}
