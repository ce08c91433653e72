//! One record as a handler sees it.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use super::invocation::RowState;
use crate::engine::ChangeEvent;
use crate::error::{RowFailure, StatusCode};
use crate::record::RecordId;

/// One record of a handler's chunk; reads and writes go to the record itself.
///
/// # Examples
/// ```
/// use circuit_core::prelude::*;
///
/// fn guard(ctx: &TriggerContext<'_, Record>) -> Result<()> {
///     for contact in ctx.try_new_records()? {
///         if contact.get("Email").is_none() {
///             contact.add_field_error("Email", "an e-mail address is needed");
///         }
///     }
///     Ok(())
/// }
/// ```
pub struct TriggerRow<T> {
    record: T,
    id: Option<RecordId>,
    index: usize,
    /// What few rows have.
    rare: Option<Box<Rare>>,
    errors: Mutex<Vec<RowFailure>>,
}

/// What few rows have: errors of earlier handlers, and the event in an event trigger.
struct Rare {
    earlier: Vec<RowFailure>,
    change: Option<Arc<ChangeEvent>>,
}

impl<T> TriggerRow<T> {
    pub(crate) fn new(record: T, row: &RowState) -> Self {
        let rare = (!row.failures.is_empty() || row.change.is_some())
            .then(|| Box::new(Rare { earlier: row.failures.clone(), change: row.change.clone() }));
        Self { record, id: row.id.clone(), index: row.index, rare, errors: Mutex::default() }
    }

    /// Returns the record's id; there is none before an insert, unless the caller chose one.
    pub fn id(&self) -> Option<&RecordId> {
        self.id.as_ref()
    }

    /// Returns the change that somebody else made, in an event trigger.
    pub fn change(&self) -> Option<&ChangeEvent> {
        self.rare.as_ref()?.change.as_deref()
    }

    /// Returns the index of the record in the list of the whole call, not of the chunk.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Refuses the record, with a message for whoever saves it (Apex: `SObject.addError`).
    ///
    /// Handlers go on: every error of every record of the call is collected.
    pub fn add_error(&self, message: impl Into<String>) {
        self.push(RowFailure::new(self.index, StatusCode::FieldCustomValidationException, message));
    }

    /// Refuses the record because of a field (Apex: `field.addError`).
    pub fn add_field_error(&self, field: impl AsRef<str>, message: impl Into<String>) {
        let failure =
            RowFailure::new(self.index, StatusCode::FieldCustomValidationException, message);
        // An error of a field without a name is one of the record, as in Apex.
        self.push(match field.as_ref() {
            "" => failure,
            field => failure.with_field(field),
        });
    }

    /// Returns whether this handler or an earlier one of the event refused the record.
    pub fn has_errors(&self) -> bool {
        !self.earlier().is_empty()
            || !self.errors.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Returns the errors that this handler and earlier ones of the event added, in order.
    pub fn errors(&self) -> Vec<RowFailure> {
        let mut errors = self.earlier().to_vec();
        errors.extend(self.errors.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned());
        errors
    }

    fn earlier(&self) -> &[RowFailure] {
        self.rare.as_ref().map_or(&[], |rare| &rare.earlier)
    }

    fn push(&self, failure: RowFailure) {
        self.errors.lock().unwrap_or_else(PoisonError::into_inner).push(failure);
    }

    pub(crate) fn into_parts(self) -> (T, Vec<RowFailure>) {
        (self.record, self.errors.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<T> Deref for TriggerRow<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.record
    }
}

impl<T> DerefMut for TriggerRow<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.record
    }
}

impl<T: fmt::Debug> fmt::Debug for TriggerRow<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TriggerRow")
            .field("index", &self.index)
            .field("record", &self.record)
            .finish_non_exhaustive()
    }
}
