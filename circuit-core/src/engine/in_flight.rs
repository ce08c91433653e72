//! Records that are in a before handler right now: DML of that handler cannot write them (A2).

use std::collections::HashSet;
use std::sync::{Arc, MutexGuard, PoisonError};

use super::catalog::ObjectEntry;
use super::execution::Execution;
use super::save::Chunk;
use crate::error::{RowFailure, StatusCode};
use crate::event::{EventPhase, Operation, TriggerEvent};
use crate::record::RecordId;
use crate::trigger::RowState;

/// The records of one chunk while its before handlers run.
#[derive(Debug)]
pub(super) struct InFlight {
    object: Arc<ObjectEntry>,
    event: TriggerEvent,
    ids: Vec<RecordId>,
}

impl InFlight {
    /// Before a delete a record may still be updated; all else is refused.
    fn keeps(&self, operation: Operation) -> bool {
        (self.event.operation(), operation) != (Operation::Delete, Operation::Update)
    }
}

/// Ends the flight when the handlers are done or dropped.
pub(super) struct Held<'a> {
    execution: &'a Execution,
    flight: Arc<InFlight>,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.execution.in_flight().retain(|other| !Arc::ptr_eq(other, &self.flight));
    }
}

impl Execution {
    fn in_flight(&self) -> MutexGuard<'_, Vec<Arc<InFlight>>> {
        self.state().in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that handlers of a before event run over stored records.
    pub(super) fn hold(&self, chunk: &Chunk, event: TriggerEvent) -> Option<Held<'_>> {
        if event.phase() != EventPhase::Before || event.operation() == Operation::Insert {
            return None;
        }
        let ids = chunk.rows.iter().filter_map(|row| row.id.clone()).collect();
        let flight = Arc::new(InFlight { object: Arc::clone(&chunk.object), event, ids });
        self.in_flight().push(Arc::clone(&flight));
        Some(Held { execution: self, flight })
    }

    /// Whether a record is in a before handler further up that keeps DML from it.
    pub(super) fn is_in_flight(
        &self,
        object: &ObjectEntry,
        id: &RecordId,
        operation: Operation,
    ) -> bool {
        self.in_flight().iter().any(|flight| {
            flight.object.key == object.key && flight.keeps(operation) && flight.ids.contains(id)
        })
    }

    /// Refuses rows whose records are in a before handler further up, as Apex's table says.
    ///
    /// Before an update its records can be neither updated nor deleted; before a delete they can
    /// be updated, but not deleted again.
    pub(super) fn refuse_self_reference(&self, chunk: &mut Chunk) {
        let flights = self.in_flight();
        for flight in flights.iter().filter(|flight| flight.object.key == chunk.object.key) {
            if !flight.keeps(chunk.operation) {
                continue;
            }
            let held: HashSet<&RecordId> = flight.ids.iter().collect();
            let inside = |row: &&mut RowState| row.id.as_ref().is_some_and(|id| held.contains(id));
            for row in chunk.rows.iter_mut().filter(inside) {
                let message = format!(
                    "the record is in a handler for {}, which cannot write it by DML",
                    flight.event
                );
                let status = StatusCode::SelfReferenceFromTrigger;
                row.failures.push(RowFailure::new(row.index, status, message).with_field("Id"));
            }
        }
    }
}
