//! The context beyond its records: what runs, who runs it, and the way to the store.

use std::future::Future;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::context::TriggerContext;
use super::invocation::ChunkInfo;
use crate::bypass::{Bypass, BypassGuard};
use crate::db::Query;
use crate::dml::SaveResult;
use crate::engine::Execution;
use crate::error::Result;
use crate::event::{EventPhase, Operation, TriggerEvent};
use crate::governor::Governor;
use crate::log::CircuitLog;
use crate::record::{IntoRecords, RecordId, SObject};
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

    /// Returns the tenant for whom it runs.
    pub fn tenant(&self) -> &Text {
        self.execution().tenant()
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

    /// Leaves handlers out until the guard is dropped.
    pub fn bypass(&self, bypass: Bypass) -> BypassGuard {
        self.execution().bypass(bypass)
    }
}

/// The way to the store. See [`Execution`] for errors and costs.
impl<T, P> TriggerContext<'_, T, P> {
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

    /// Returns the records that match, staged writes included.
    pub fn query<R: SObject>(&self, query: Query) -> impl Future<Output = Result<Vec<R>>> + Send {
        self.execution().query(query)
    }

    /// Returns the number of records that match, staged writes included.
    pub fn count(&self, query: Query) -> impl Future<Output = Result<usize>> + Send {
        self.execution().count(query)
    }
}
