//! What SQLite's errors are to the caller. Which of them may pass is decided here.

use circuit_core::{Error, ErrorKind};
use rusqlite::ErrorCode;

use crate::sql::{TOO_LARGE, too_large};

/// Maps an error that no caller expects.
pub(super) fn mapped(error: rusqlite::Error) -> Error {
    if let rusqlite::Error::SqliteFailure(_, Some(message)) = &error
        && message == TOO_LARGE
    {
        return too_large();
    }
    let (kind, message) = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => (ErrorKind::Corrupt, "the file is not a SQLite database"),
        Some(ErrorCode::DatabaseCorrupt) => {
            (ErrorKind::Corrupt, "the database is damaged; restore a backup")
        }
        Some(ErrorCode::DiskFull) => (ErrorKind::Unavailable, "the disk is full"),
        Some(ErrorCode::ReadOnly) => (ErrorKind::Unavailable, "the file cannot be written"),
        Some(ErrorCode::CannotOpen) => (ErrorKind::Unavailable, "the file cannot be opened"),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            (ErrorKind::Unavailable, "another program holds the file")
        }
        _ => (ErrorKind::Unavailable, "SQLite failed"),
    };
    Error::new(kind, message).with_source(error)
}

/// A stored value that cannot be read back.
pub(super) fn corrupt(object: &str, field: &str, problem: &str) -> Error {
    Error::new(ErrorKind::Corrupt, format!("a stored value cannot be read: {problem}"))
        .with("object", object)
        .with("field", field)
}
