//! The writing thread: groups the plans that wait into one commit.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use circuit_core::{CommitOutcome, CommitPlan, Error, ErrorKind, Result};
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::commit::{Applied, apply};
use super::error::mapped;
use super::table::Tables;

/// The most plans of one commit.
const GROUP: usize = 256;

/// A plan and who waits for it.
struct Job {
    plan: CommitPlan,
    answer: oneshot::Sender<Result<CommitOutcome>>,
}

/// The writing thread of a store.
pub(super) struct Writer {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(connection: Connection, tables: Arc<Tables>) -> Self {
        let (jobs, waiting) = channel();
        let thread = std::thread::spawn(move || write(&connection, &tables, &waiting));
        Self { jobs: Some(jobs), thread: Some(thread) }
    }

    /// Hands a plan over; once it waits, it is stored whole or not at all, whoever listens.
    pub(super) async fn commit(&self, plan: CommitPlan) -> Result<CommitOutcome> {
        let (answer, wait) = oneshot::channel();
        let gone = || Error::new(ErrorKind::Unavailable, "the store's writing thread has ended");
        self.jobs.as_ref().ok_or_else(gone)?.send(Job { plan, answer }).map_err(|_| gone())?;
        wait.await.map_err(|_| gone())?
    }
}

fn write(connection: &Connection, tables: &Tables, waiting: &Receiver<Job>) {
    while let Ok(first) = waiting.recv() {
        let mut group = vec![first];
        group.extend(waiting.try_iter().take(GROUP - 1));
        let (plans, listeners): (Vec<_>, Vec<_>) =
            group.into_iter().map(|job| (job.plan, job.answer)).unzip();
        let outcomes = commit(connection, tables, &plans);
        for (listener, outcome) in listeners.into_iter().zip(outcomes) {
            drop(listener.send(outcome));
        }
    }
}

/// Stores a group of plans in one transaction; what is answered is on the disk.
fn commit(
    connection: &Connection,
    tables: &Tables,
    plans: &[CommitPlan],
) -> Vec<Result<CommitOutcome>> {
    let count = plans.len();
    let all = || -> rusqlite::Result<Vec<Result<Applied>>> {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let applied = plans.iter().map(|plan| in_savepoint(connection, tables, plan)).collect();
        connection.execute_batch("COMMIT")?;
        Ok(applied)
    };
    match all() {
        Ok(applied) => applied.into_iter().map(|applied| publish(tables, applied)).collect(),
        Err(error) => {
            drop(connection.execute_batch("ROLLBACK"));
            let text = error.to_string();
            (0..count).map(|_| Err(mapped_again(&error, &text))).collect()
        }
    }
}

/// Shows new tables to the readers only now that they are committed.
fn publish(tables: &Tables, applied: Result<Applied>) -> Result<CommitOutcome> {
    let (outcome, made) = applied?;
    for table in made {
        tables.add(table);
    }
    Ok(outcome)
}

/// One failure is told to every plan of the group.
fn mapped_again(error: &rusqlite::Error, text: &str) -> Error {
    let copy = match error {
        rusqlite::Error::SqliteFailure(code, message) => {
            rusqlite::Error::SqliteFailure(*code, message.clone())
        }
        _ => rusqlite::Error::ToSqlConversionFailure(text.into()),
    };
    mapped(copy)
}

fn in_savepoint(connection: &Connection, tables: &Tables, plan: &CommitPlan) -> Result<Applied> {
    connection.execute_batch("SAVEPOINT plan").map_err(mapped)?;
    let applied = apply(connection, tables, plan);
    let end = match &applied {
        Ok((CommitOutcome::Committed { .. }, _)) => "RELEASE plan",
        _ => "ROLLBACK TO plan; RELEASE plan",
    };
    connection.execute_batch(end).map_err(mapped)?;
    applied
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}
