//! One connection: settings, and what makes SQLite compare as Circuit does.

use std::path::Path;
use std::time::Duration;

use circuit_core::{Error, ErrorKind, Result};
use rusqlite::{Connection, OpenFlags};

use super::builder::{Synchronous, opening};
use super::function;

/// Opens a connection and checks that its settings hold.
pub(super) fn connect(path: &Path, level: Synchronous) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(opening(path))?;
    configure(&connection).map_err(opening(path))?;
    synchronise(&connection, level, path)?;
    Ok(connection)
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(256);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // Of 2,000 KiB, which is SQLite's choice, the pages of one table of 100,000 records take ten.
    connection.pragma_update(None, "cache_size", -16_000)?;
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    function::add(connection)
}

/// Sets the level, and reads both settings back: one that did not hold would lose commits unseen.
fn synchronise(connection: &Connection, level: Synchronous, path: &Path) -> Result<()> {
    let wanted: i64 = match level {
        Synchronous::Normal => 1,
        Synchronous::Full => 2,
    };
    connection.pragma_update(None, "synchronous", wanted).map_err(opening(path))?;
    let number = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
    let found = connection.query_row("PRAGMA synchronous", [], number).map_err(opening(path))?;
    let text = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
    let journal = connection.query_row("PRAGMA journal_mode", [], text).map_err(opening(path))?;
    if found == wanted && journal == "wal" {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Unavailable, "SQLite did not take the settings that keep commits")
        .with("file", path.display())
        .with("synchronous", found)
        .with("journal_mode", journal))
}
