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
    match apply_all(connection, tables, plans) {
        Ok(applied) => applied.into_iter().map(|applied| publish(tables, applied)).collect(),
        Err(error) => {
            roll_back(connection);
            plans.iter().map(|_| Err(copied(&error))).collect()
        }
    }
}

/// Applies the plans and commits them.
///
/// Where the disk is full or fails, SQLite may roll the whole transaction back by itself. The next
/// statement would then be a transaction of its own, so the group ends there, and with it all plans.
fn apply_all(
    connection: &Connection,
    tables: &Tables,
    plans: &[CommitPlan],
) -> Result<Vec<Result<Applied>>> {
    connection.execute_batch("BEGIN IMMEDIATE").map_err(mapped)?;
    let mut all = Vec::with_capacity(plans.len());
    for plan in plans {
        let applied = in_savepoint(connection, tables, plan);
        if connection.is_autocommit() {
            let given_up = || Error::new(ErrorKind::Unavailable, "SQLite gave the commit up");
            return Err(applied.err().unwrap_or_else(given_up));
        }
        all.push(applied);
    }
    connection.execute_batch("COMMIT").map_err(mapped)?;
    Ok(all)
}

/// Ends the transaction if SQLite has not done so itself.
fn roll_back(connection: &Connection) {
    if !connection.is_autocommit() {
        drop(connection.execute_batch("ROLLBACK"));
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
fn copied(error: &Error) -> Error {
    let copy = Error::new(error.kind(), error.message());
    match std::error::Error::source(error) {
        Some(source) => copy.with_source(source.to_string()),
        None => copy,
    }
}

/// Applies a plan whole or not at all; ends the whole transaction where not even that works.
fn in_savepoint(connection: &Connection, tables: &Tables, plan: &CommitPlan) -> Result<Applied> {
    connection.execute_batch("SAVEPOINT plan").map_err(mapped)?;
    let applied = apply(connection, tables, plan);
    if connection.is_autocommit() {
        return applied;
    }
    let end = match &applied {
        Ok((CommitOutcome::Committed { .. }, _)) => "RELEASE plan",
        _ => "ROLLBACK TO plan; RELEASE plan",
    };
    if let Err(error) = connection.execute_batch(end) {
        roll_back(connection);
        return Err(mapped(error));
    }
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

#[cfg(test)]
mod tests {
    use circuit_core::{Record, RecordId, Write, WriteKind};

    use super::super::builder::Synchronous;
    use super::super::connection::connect;
    use super::super::migrate::migrate;
    use super::*;

    fn plan(text: &str, bytes: usize) -> CommitPlan {
        let id: RecordId = text.parse().unwrap();
        let record = Record::new("Note").with_id(id.clone()).with("Text", "x".repeat(bytes));
        CommitPlan::new(vec![Write::new(WriteKind::Insert, id, record)])
    }

    fn rows(connection: &Connection) -> i64 {
        connection.query_row("SELECT count(*) FROM o_note", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_full_disk_in_a_group_stores_none_of_its_plans() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = connect(&folder.path().join("a.db"), Synchronous::Full).unwrap();
        let tables = Tables::new(migrate(&mut connection, Vec::new()).unwrap());
        assert!(commit(&connection, &tables, &[plan("first", 10)])[0].is_ok());
        let number = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
        let pages = connection.query_row("PRAGMA page_count", [], number).unwrap();
        connection.pragma_update(None, "max_page_count", pages + 4).unwrap();
        let fresh = CommitPlan::new(vec![Write::new(
            WriteKind::Insert,
            "f1".parse().unwrap(),
            Record::new("Fresh").with_id("f1".parse().unwrap()),
        )]);
        let group = [plan("a", 10), fresh, plan("big", 1_000_000), plan("c", 10)];
        for answer in commit(&connection, &tables, &group) {
            let error = answer.unwrap_err();
            assert_eq!(
                (error.kind(), error.message()),
                (ErrorKind::Unavailable, "the disk is full")
            );
        }
        assert_eq!(rows(&connection), 1);
        assert!(tables.get("Fresh").is_none());
        let again = commit(&connection, &tables, &[plan("a", 10), plan("c", 10)]);
        assert!(again.iter().all(Result::is_ok), "{again:?}");
        assert_eq!(rows(&connection), 3);
    }

    #[test]
    fn a_transaction_that_is_gone_under_a_plan_ends_the_group() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = connect(&folder.path().join("a.db"), Synchronous::Full).unwrap();
        let tables = Tables::new(migrate(&mut connection, Vec::new()).unwrap());
        assert!(commit(&connection, &tables, &[plan("first", 10)])[0].is_ok());
        // A trigger of the file can do to a transaction what a failing disk does.
        let fail = "CREATE TRIGGER fails BEFORE INSERT ON o_note WHEN NEW._key = 'bad'
                    BEGIN SELECT RAISE(ROLLBACK, 'gone'); END";
        connection.execute_batch(fail).unwrap();
        let answers = commit(&connection, &tables, &[plan("a", 1), plan("bad", 1), plan("c", 1)]);
        assert!(answers.iter().all(Result::is_err), "{answers:?}");
        assert_eq!(rows(&connection), 1);
    }
}
