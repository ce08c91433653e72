//! What became of one record.

use std::collections::HashMap;

use crate::error::RowFailure;
use crate::record::RecordId;

/// What became of one record (Apex: `SaveResult`, `UpsertResult`, `DeleteResult`, `MergeResult`).
///
/// Results stand in the order of the records that were given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaveResult {
    id: Option<RecordId>,
    created: bool,
    errors: Box<[RowFailure]>,
}

impl SaveResult {
    /// The result of a row: it is saved if nothing refused it.
    pub(crate) fn new(id: Option<RecordId>, created: bool, errors: Vec<RowFailure>) -> Self {
        Self { id, created, errors: errors.into() }
    }

    /// Returns whether the record was saved.
    pub fn is_success(&self) -> bool {
        self.errors.is_empty()
    }

    /// Returns whether the record is new.
    pub fn is_created(&self) -> bool {
        self.created && self.is_success()
    }

    /// Returns the record's id; a placeholder inside the execution where the store assigns ids.
    ///
    /// A record that was refused has the id that it was given, if any.
    pub fn id(&self) -> Option<&RecordId> {
        self.id.as_ref()
    }

    /// Returns why the record was refused; empty if it was saved.
    pub fn errors(&self) -> &[RowFailure] {
        &self.errors
    }

    pub(crate) fn add(&mut self, failure: RowFailure) {
        let mut errors = std::mem::take(&mut self.errors).into_vec();
        errors.push(failure);
        self.errors = errors.into();
    }

    pub(crate) fn into_errors(self) -> Vec<RowFailure> {
        self.errors.into_vec()
    }

    /// Puts the final id where a placeholder stands.
    pub(crate) fn resolve(&mut self, ids: &HashMap<RecordId, RecordId>) {
        if let Some(id) = self.id.as_ref().and_then(|id| ids.get(id)) {
            self.id = Some(id.clone());
        }
    }
}
