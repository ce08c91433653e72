//! The store in a file.

use std::path::Path;
use std::time::Duration;

use circuit_core::{Error, ErrorKind, Result};
use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, OptionalExtension, params, params_from_iter};

use super::backend::{Backend, Found, VERSION, check_version};
use super::row::Row;
use super::search::{Bound, Dialect, Search};

/// `ascii` takes whatever is not ASCII for a letter, so that it parts words where `row::words` does.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS circuit_report_version (version INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS circuit_reports (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        started INTEGER NOT NULL,
        summary TEXT NOT NULL,
        report TEXT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS circuit_reports_started ON circuit_reports (started);
    CREATE TABLE IF NOT EXISTS circuit_report_terms (
        kind TEXT NOT NULL,
        value TEXT NOT NULL,
        seq INTEGER NOT NULL,
        PRIMARY KEY (kind, value, seq)
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS circuit_report_terms_seq ON circuit_report_terms (seq);
    CREATE VIRTUAL TABLE IF NOT EXISTS circuit_report_words USING fts5(
        words, tokenize = 'ascii', content = '', contentless_delete = 1, detail = none
    );";

const DIALECT: Dialect = Dialect {
    words_are: " AND r.seq IN (SELECT rowid FROM circuit_report_words WHERE circuit_report_words MATCH $)",
    words_lead: " JOIN circuit_report_words w ON w.rowid = r.seq WHERE circuit_report_words MATCH $",
    words_place: "w.rowid",
    quote: '"',
    and: " ",
};

/// How long a call waits for others that write to the file.
const BUSY: Duration = Duration::from_secs(1);

/// One connection to the file.
pub(super) struct Sqlite(Connection);

impl Sqlite {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let failed = |error| failed(error).with("file", path.display());
        let connection = Connection::open(path).map_err(failed)?;
        connection.busy_timeout(Duration::from_secs(5)).map_err(failed)?;
        connection.set_prepared_statement_cache_capacity(64);
        connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
        connection.pragma_update(None, "synchronous", "NORMAL").map_err(failed)?;
        connection.pragma_update(None, "cache_size", -16_000).map_err(failed)?;
        let mut store = Self(connection);
        check_version(store.make().map_err(failed)?)
            .map_err(|error| error.with("file", path.display()))?;
        // From here on what fails is tried again, and who closes should not wait for long.
        store.0.busy_timeout(BUSY).map_err(failed)?;
        Ok(store)
    }

    /// Makes the tables if there are none; answers the version of those that are there.
    fn make(&mut self) -> rusqlite::Result<i64> {
        let transaction =
            self.0.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let known = "SELECT 1 FROM sqlite_schema WHERE name = 'circuit_report_version'";
        let is_there = transaction.query_row(known, [], |_| Ok(())).optional()?.is_some();
        if !is_there {
            transaction.execute_batch(TABLES)?;
            let note = "INSERT INTO circuit_report_version (version) VALUES (?1)";
            transaction.execute(note, [VERSION])?;
        }
        let version = "SELECT version FROM circuit_report_version";
        let version = transaction.query_row(version, [], |row| row.get(0))?;
        transaction.commit()?;
        Ok(version)
    }

    fn insert(&mut self, rows: &[Row]) -> rusqlite::Result<()> {
        let transaction = self.0.transaction()?;
        {
            let mut report = transaction.prepare_cached(
                "INSERT INTO circuit_reports (id, started, summary, report)
                 VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING RETURNING seq",
            )?;
            let mut term = transaction.prepare_cached(
                "INSERT INTO circuit_report_terms (kind, value, seq) VALUES (?1, ?2, ?3)",
            )?;
            let mut words = transaction.prepare_cached(
                "INSERT INTO circuit_report_words (rowid, words) VALUES (?1, ?2)",
            )?;
            for row in rows {
                let values = params![row.id, row.started, row.summary, row.report];
                let seq = report.query_row(values, |row| row.get::<_, i64>(0)).optional()?;
                let Some(seq) = seq else { continue };
                for (kind, value) in &row.terms {
                    term.execute(params![kind, value, seq])?;
                }
                let all: Vec<&str> = row.words.iter().map(String::as_str).collect();
                words.execute(params![seq, all.join(" ")])?;
            }
        }
        transaction.commit()
    }

    fn select(&self, search: &Search, what: Found) -> rusqlite::Result<Vec<(i64, String)>> {
        let (sql, values) = search.statement(what.column(), &DIALECT);
        let values = values.into_iter().map(|value| match value {
            Bound::Number(number) => Value::Integer(number),
            Bound::Text(text) => Value::Text(text),
        });
        let mut statement = self.0.prepare_cached(&sql)?;
        let found =
            statement.query_map(params_from_iter(values), |row| Ok((row.get(0)?, row.get(1)?)))?;
        found.collect()
    }

    fn remove(&mut self, before: i64, most: i64) -> rusqlite::Result<u64> {
        let transaction = self.0.transaction()?;
        let old = "SELECT seq FROM circuit_reports WHERE started < ?1 ORDER BY started LIMIT ?2";
        let old: Vec<i64> = transaction
            .prepare_cached(old)?
            .query_map([before, most], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for seq in &old {
            for delete in [
                "DELETE FROM circuit_reports WHERE seq = ?1",
                "DELETE FROM circuit_report_terms WHERE seq = ?1",
                "DELETE FROM circuit_report_words WHERE rowid = ?1",
            ] {
                transaction.prepare_cached(delete)?.execute([seq])?;
            }
        }
        transaction.commit()?;
        Ok(old.len() as u64)
    }
}

impl Backend for Sqlite {
    fn write(&mut self, rows: &[Row]) -> Result<()> {
        self.insert(rows).map_err(failed)
    }

    fn find(&mut self, search: &Search, what: Found) -> Result<Vec<(i64, String)>> {
        self.select(search, what).map_err(failed)
    }

    fn prune(&mut self, before: i64, most: i64) -> Result<u64> {
        self.remove(before, most).map_err(failed)
    }
}

fn failed(error: rusqlite::Error) -> Error {
    let kind = match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch) => {
            ErrorKind::InvalidInput
        }
        _ => ErrorKind::Unavailable,
    };
    Error::new(kind, "SQLite failed in the store of reports").with_source(error)
}
