//! The engine over the database: saves batches of leads and tells what the triggers made of them.

use std::collections::HashMap;
use std::path::Path;

use circuit_core::{
    Circuit, CircuitDB, DmlRequest, Execution, Filter, Limits, Query, Record, RecordId, RowFailure,
    SaveMode, SaveResult, StatusCode, Usage,
};
use circuit_db::{Memory, Sqlite};
use lead_scoring::input::{Lead, Rejected};
use lead_scoring::lead::{Contact, Task};
use lead_scoring::score::Grade;

use crate::failure::Failure;

/// The engine over one database file.
pub(crate) struct Store {
    circuit: Circuit,
}

/// Whether a lead was in the database before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WasNew {
    Yes,
    No,
}

/// A lead as it is stored now.
#[derive(Debug)]
pub(crate) struct Scored {
    pub(crate) id: RecordId,
    pub(crate) contact: Contact,
    /// The subject of its task.
    pub(crate) task: Option<String>,
    pub(crate) was_new: WasNew,
}

impl Scored {
    pub(crate) fn grade(&self) -> Option<Grade> {
        let grade = self.contact.grade.as_deref()?;
        Grade::ALL.into_iter().find(|known| known.as_str() == grade)
    }
}

/// What became of a batch.
#[derive(Debug, Default)]
pub(crate) struct Saved {
    /// In the order of the batch.
    pub(crate) scored: Vec<Scored>,
    pub(crate) rejected: Vec<Rejected>,
    pub(crate) tasks: u64,
    /// What the execution used.
    pub(crate) usage: Option<Usage>,
    /// Whether a handler failed, so that every row is rejected.
    handler_failed: bool,
}

impl Store {
    /// Opens or makes the database.
    pub(crate) async fn open(path: &Path) -> Result<Self, Failure> {
        let backend = Sqlite::builder().schema(Contact::schema()).schema(Task::schema());
        let circuit = circuit(backend.open(path).await?)?;
        Ok(Self { circuit })
    }

    /// Saves a batch in one execution; rows that are refused don't keep the rest from it.
    ///
    /// Where a handler failed, all rows of the batch are refused: then each lead gets an execution
    /// of its own, so that only the one at fault is rejected.
    pub(crate) async fn save(&self, batch: &[Lead]) -> Result<Saved, Failure> {
        let saved = self.save_together(batch).await?;
        if !saved.handler_failed || batch.len() < 2 {
            return Ok(saved);
        }
        let mut all = Saved::default();
        for lead in batch {
            let one = self.save_together(std::slice::from_ref(lead)).await?;
            all.scored.extend(one.scored);
            all.rejected.extend(one.rejected);
            all.tasks += one.tasks;
            all.usage = one.usage;
        }
        Ok(all)
    }

    async fn save_together(&self, batch: &[Lead]) -> Result<Saved, Failure> {
        let run = self.circuit.run(|execution| save(execution, batch)).await;
        let outcome = run.map_err(|error| match batch {
            [first, .., last] => {
                error.with("leads", format!("{} to {}", first.origin, last.origin))
            }
            _ => error,
        })?;
        let usage = Some(outcome.usage().clone());
        Ok(Saved { usage, ..outcome.value })
    }
}

/// Returns what an execution may use.
pub(crate) fn limits() -> Limits {
    Limits::circuit()
}

/// Returns what runs when, without touching a database.
pub(crate) fn plan() -> Result<String, Failure> {
    Ok(circuit(Memory::new())?.plan().to_string())
}

/// Starts the engine with the triggers that are linked in, which must be those of this crate.
fn circuit(backend: impl CircuitDB) -> circuit_core::Result<Circuit> {
    let builder = Circuit::builder().backend(backend).limits(limits());
    builder.expect_crates([env!("CARGO_PKG_NAME")]).build()
}

/// Saves a batch: new leads are inserted, known ones updated.
async fn save(execution: Execution, batch: &[Lead]) -> circuit_core::Result<Saved> {
    let ids: Vec<RecordId> = batch.iter().map(|lead| lead.id.clone()).collect();
    let contacts = Query::of(Contact::OBJECT_NAME).filter(Filter::is_in(Contact::ID, ids.clone()));
    let tasks = Query::of(Task::OBJECT_NAME).filter(Filter::is_in(Task::CONTACT_ID, ids));
    let tasks_before = execution.count(tasks.clone()).await?;

    let records: Vec<Record> = batch.iter().map(|lead| lead.record.clone()).collect();
    let request = DmlRequest::upsert(records).with_mode(SaveMode::Isolate);
    let results = execution.dml(request).await?;

    let contacts: Vec<Contact> = execution.query(contacts).await?;
    let tasks: Vec<Task> = execution.query(tasks).await?;
    let made = tasks.len().saturating_sub(tasks_before) as u64;
    let failed = StatusCode::CannotInsertUpdateActivateEntity;
    let handler_failed =
        results.iter().flat_map(SaveResult::errors).any(|failure| failure.status == failed);
    let rejected = batch.iter().zip(&results).filter(|(_, result)| !result.is_success());
    let rejected = rejected.map(|(lead, result)| refused(lead, result.errors())).collect();
    let scored = in_order_of(batch, &results, contacts, tasks);
    Ok(Saved { scored, rejected, tasks: made, usage: None, handler_failed })
}

fn refused(lead: &Lead, failures: &[RowFailure]) -> Rejected {
    let reason = |failure: &RowFailure| format!("{} ({})", failure.message, failure.status);
    let field = failures.iter().flat_map(|failure| &failure.fields).next();
    Rejected {
        origin: lead.origin.clone(),
        field: field.map(ToString::to_string),
        reason: failures.iter().map(reason).collect::<Vec<_>>().join("; "),
    }
}

fn in_order_of(
    batch: &[Lead],
    results: &[SaveResult],
    contacts: Vec<Contact>,
    tasks: Vec<Task>,
) -> Vec<Scored> {
    let open = |task: Task| Some((task.contact_id?, task.subject?));
    let mut tasks: HashMap<RecordId, String> = tasks.into_iter().filter_map(open).collect();
    let own = |contact: Contact| Some((contact.id.clone()?, contact));
    let mut contacts: HashMap<RecordId, Contact> = contacts.into_iter().filter_map(own).collect();
    let scored = |(lead, result): (&Lead, &SaveResult)| {
        let contact = contacts.remove(&lead.id).filter(|_| result.is_success())?;
        let was_new = if result.is_created() { WasNew::Yes } else { WasNew::No };
        Some(Scored { id: lead.id.clone(), task: tasks.remove(&lead.id), contact, was_new })
    };
    batch.iter().zip(results).filter_map(scored).collect()
}
