//! The trigger context: new and old records of the chunk, typed.

use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::invocation::{FieldUpdate, Invocation, Thrown};
use super::phase::{Checked, NewMutable, NewPresent, OldPresent};
use super::row::TriggerRow;
use crate::error::{BoxError, Error, ErrorKind, Result};
use crate::event::{EventPhase, NewState, OldState};
use crate::record::{Record, RecordId, SObject, SlotCache};
use crate::value::{Text, Value};

/// What a handler sees of the records being saved, and its way to everything else.
///
/// `T` is the type of the records: a struct with `#[derive(SObject)]`, or [`Record`]. `P` is what
/// the compiler knows about the handler's events; `#[trigger]` fills it in.
pub struct TriggerContext<'a, T = Record, P = Checked> {
    pub(super) invocation: Invocation<'a>,
    new: OnceLock<Vec<TriggerRow<T>>>,
    old: OnceLock<Vec<TriggerRow<T>>>,
    field_updates: Mutex<Vec<FieldUpdate>>,
    /// Whether the handler asked for the new records to change them.
    changed: bool,
    /// Writes a record back. Kept from the start, so that the end asks nothing of `T` and a type
    /// that is no record type is told once.
    write_back: fn(&mut SlotCache, T, Option<Record>) -> Record,
    phase: PhantomData<fn() -> P>,
}

impl<'a, T: SObject, P> TriggerContext<'a, T, P> {
    pub(crate) fn new(invocation: Invocation<'a>) -> Self {
        Self {
            invocation,
            new: OnceLock::new(),
            old: OnceLock::new(),
            field_updates: Mutex::default(),
            changed: false,
            write_back: SlotCache::write_back,
            phase: PhantomData,
        }
    }

    /// Returns the records as they will be or are stored (Apex: `Trigger.new`).
    ///
    /// # Panics
    /// Ends the handler with [`ErrorKind::Conversion`] if a field has another type than in `T`.
    pub fn new_records(&self) -> &[TriggerRow<T>]
    where
        P: NewPresent,
    {
        self.new_rows()
    }

    /// Returns the records for changing, which costs neither a statement nor rows.
    ///
    /// # Panics
    /// Ends the handler with [`ErrorKind::Conversion`] if a field has another type than in `T`.
    pub fn new_records_mut(&mut self) -> &mut [TriggerRow<T>]
    where
        P: NewMutable,
    {
        self.new_rows_mut()
    }

    /// Returns the records as they were (Apex: `Trigger.old`), aligned with the new ones.
    ///
    /// # Panics
    /// Ends the handler with [`ErrorKind::Conversion`] if a field has another type than in `T`.
    pub fn old_records(&self) -> &[TriggerRow<T>]
    where
        P: OldPresent,
    {
        self.old_rows()
    }

    /// Returns the new records, in a handler that also runs for delete events.
    ///
    /// # Errors
    /// [`ErrorKind::NotInThisEvent`] in a delete event.
    pub fn try_new_records(&self) -> Result<&[TriggerRow<T>]> {
        match self.invocation.event.new_state() {
            NewState::Absent => Err(self.not_in_this_event("there are no new records")),
            _ => Ok(self.new_rows()),
        }
    }

    /// Returns the new records for changing, in a handler that also runs for other events.
    ///
    /// # Errors
    /// [`ErrorKind::NotInThisEvent`] but before insert and before update (Apex: "Record is
    /// read-only").
    pub fn try_new_records_mut(&mut self) -> Result<&mut [TriggerRow<T>]> {
        match self.invocation.event.new_state() {
            NewState::Mutable => Ok(self.new_rows_mut()),
            NewState::ReadOnly => Err(self.not_in_this_event("the records are read-only")),
            NewState::Absent => Err(self.not_in_this_event("there are no new records")),
        }
    }

    /// Returns the old records, in a handler that also runs for insert or undelete events.
    ///
    /// # Errors
    /// [`ErrorKind::NotInThisEvent`] in an insert or undelete event.
    pub fn try_old_records(&self) -> Result<&[TriggerRow<T>]> {
        match self.invocation.event.old_state() {
            OldState::Absent => Err(self.not_in_this_event("there are no old records")),
            OldState::Present => Ok(self.old_rows()),
        }
    }

    /// Changes a field of a record after its save, without DML (Apex: a workflow field update).
    ///
    /// When all after handlers have run, the records are checked again, and the handlers before and
    /// after update run once more for them, with the old records of the original save; what these
    /// want to have changed in turn is left out. Costs neither a statement nor rows.
    ///
    /// # Errors
    /// [`ErrorKind::NotInThisEvent`] but after insert, update and undelete of a record trigger.
    pub fn field_update(
        &self,
        row: &TriggerRow<T>,
        field: impl AsRef<str>,
        value: impl Into<Value>,
    ) -> Result<()> {
        let event = self.invocation.event;
        let fits = event.phase() == EventPhase::After && event.new_state() == NewState::ReadOnly;
        let (Some(id), true, None) = (row.id(), fits, row.change()) else {
            return Err(self.not_in_this_event("fields are updated after an insert or update"));
        };
        let (field, value) = (Text::from(field.as_ref()), value.into());
        let update = FieldUpdate { id: id.clone(), field, value };
        self.field_updates.lock().unwrap_or_else(PoisonError::into_inner).push(update);
        Ok(())
    }

    /// Returns each new record with the one it was before.
    pub fn changes(&self) -> impl Iterator<Item = (&TriggerRow<T>, &TriggerRow<T>)>
    where
        P: NewPresent + OldPresent,
    {
        self.new_rows().iter().zip(self.old_rows())
    }

    /// Returns the new records by id (Apex: `Trigger.newMap`); empty before an insert.
    pub fn new_map(&self) -> HashMap<&RecordId, &TriggerRow<T>>
    where
        P: NewPresent,
    {
        self.new_rows().iter().filter_map(|row| Some((row.id()?, row))).collect()
    }

    /// Returns the old records by id (Apex: `Trigger.oldMap`).
    pub fn old_map(&self) -> HashMap<&RecordId, &TriggerRow<T>>
    where
        P: OldPresent,
    {
        self.old_rows().iter().filter_map(|row| Some((row.id()?, row))).collect()
    }

    fn new_rows(&self) -> &[TriggerRow<T>] {
        self.new.get_or_init(|| self.rows(Image::New))
    }

    fn old_rows(&self) -> &[TriggerRow<T>] {
        self.old.get_or_init(|| self.rows(Image::Old))
    }

    fn new_rows_mut(&mut self) -> &mut [TriggerRow<T>] {
        self.new_rows();
        if !self.changed && T::OBJECT.is_none() {
            // The row has the record now: a second owner would make the first change copy it.
            for &at in self.invocation.shown {
                self.invocation.rows[at].new = None;
            }
        }
        self.changed = true;
        self.new.get_mut().expect("the rows were just made")
    }

    fn rows(&self, image: Image) -> Vec<TriggerRow<T>> {
        let mut cache = SlotCache::default();
        let shown = self.invocation.shown.iter().map(|&at| &self.invocation.rows[at]);
        let read = |row: &super::RowState| {
            let record = match image {
                Image::New => row.new.as_ref(),
                Image::Old => row.old.as_ref(),
            };
            let record = record.expect("the event's table says that the image is there");
            let typed = cache.read::<T>(record).unwrap_or_else(|error| Thrown::throw(error));
            TriggerRow::new(typed, row)
        };
        shown.map(read).collect()
    }

    #[cold]
    fn not_in_this_event(&self, message: &str) -> Error {
        Error::new(ErrorKind::NotInThisEvent, message)
            .with("event", self.invocation.event)
            .with("object", self.object())
            .with("handler", self.handler())
    }
}

impl<T, P> TriggerContext<'_, T, P> {
    /// Hands changed records and errors back to the engine.
    pub(crate) fn finish<E: Into<BoxError>>(self, result: Result<(), E>) -> Result<(), BoxError> {
        result.map_err(Into::into)?;
        let mutable = self.changed && self.invocation.event.new_state() == NewState::Mutable;
        let Invocation { rows, shown, field_updates, .. } = self.invocation;
        let wanted = self.field_updates.into_inner().unwrap_or_else(PoisonError::into_inner);
        field_updates.extend(wanted);
        let mut cache = SlotCache::default();
        for (typed, &at) in self.new.into_inner().unwrap_or_default().into_iter().zip(shown) {
            // A handler may have put its rows into another order.
            let at = if rows[at].index == typed.index() {
                at
            } else {
                let place = shown.iter().find(|&&at| rows[at].index == typed.index());
                place.copied().unwrap_or(at)
            };
            let row = &mut rows[at];
            let (record, failures) = typed.into_parts();
            row.failures.extend(failures);
            if mutable {
                let base = row.new.take();
                row.new = Some((self.write_back)(&mut cache, record, base));
            }
        }
        for (typed, &at) in self.old.into_inner().unwrap_or_default().into_iter().zip(shown) {
            rows[at].failures.extend(typed.into_parts().1);
        }
        Ok(())
    }
}

/// Which image of a record.
#[derive(Clone, Copy)]
enum Image {
    New,
    Old,
}

impl<T, P> fmt::Debug for TriggerContext<'_, T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TriggerContext")
            .field("event", &self.invocation.event)
            .field("size", &self.invocation.shown.len())
            .finish_non_exhaustive()
    }
}
