//! What PostgreSQL's errors are to the caller. Which of them may pass is decided here.

use std::fmt;

use circuit_core::{Error, ErrorKind};
use deadpool_postgres::{HookError, PoolError, TimeoutType};
use tokio_postgres::Error as PgError;
use tokio_postgres::error::{DbError, SqlState};

use crate::sql::too_large;

/// What the server answered, without the parts of its messages that may quote values.
#[derive(Debug)]
struct Answered {
    state: String,
    message: Option<String>,
    relation: Option<String>,
}

impl Answered {
    fn new(error: &DbError) -> Self {
        Self {
            state: error.code().code().to_owned(),
            message: is_about_the_server(error.code()).then(|| error.message().to_owned()),
            relation: error.constraint().or(error.column()).or(error.table()).map(str::to_owned),
        }
    }
}

impl fmt::Display for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgreSQL answered SQLSTATE {}", self.state)?;
        if let Some(message) = &self.message {
            write!(f, ": {message}")?;
        }
        if let Some(relation) = &self.relation {
            write!(f, " at {relation}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Answered {}

/// Connections, access, resources, shutdown: such messages tell of the server, never of records.
fn is_about_the_server(state: &SqlState) -> bool {
    let code = state.code();
    ["08", "28", "3D", "3F", "53", "57", "58"].iter().any(|class| code.starts_with(class))
        || *state == SqlState::INSUFFICIENT_PRIVILEGE
}

/// Maps an error that no caller expects.
#[expect(clippy::needless_pass_by_value, reason = "it is passed to `map_err`")]
pub(super) fn mapped(error: PgError) -> Error {
    let Some(answer) = error.as_db_error() else {
        #[cfg(feature = "postgres-tls")]
        if let Some(refusal) = super::tls::refusal(&error) {
            return refusal;
        }
        let message = if error.is_closed() {
            "the connection to PostgreSQL was lost"
        } else {
            "PostgreSQL cannot be reached"
        };
        return Error::new(ErrorKind::Unavailable, message).with_source(described(&error));
    };
    // Only the sums of queries divide by what can be zero, and do if they cannot be held.
    if *answer.code() == SqlState::DIVISION_BY_ZERO {
        return too_large();
    }
    let state = answer.code().code();
    let (kind, message) = match state.get(..2).unwrap_or_default() {
        "28" => (ErrorKind::Configuration, "PostgreSQL refuses the user or the password"),
        "3D" | "3F" => (ErrorKind::Configuration, "there is no such database or schema"),
        "40" => (ErrorKind::Conflict, "PostgreSQL gave the transaction up for another one"),
        "42" if state == "42501" => {
            (ErrorKind::Configuration, "the user may not do this in PostgreSQL")
        }
        "53" => (ErrorKind::Unavailable, "PostgreSQL has run out of a resource"),
        "54" => (ErrorKind::Unsupported, "PostgreSQL cannot hold something so large"),
        "57" => (ErrorKind::Unavailable, "PostgreSQL ended the call"),
        "XX" => (ErrorKind::Corrupt, "PostgreSQL reports damage; see its log"),
        _ => (ErrorKind::Unavailable, "PostgreSQL failed"),
    };
    Error::new(kind, message).with_source(Answered::new(answer))
}

/// The causes of an error that is not the server's answer, as text.
fn described(error: &PgError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

/// Maps an error of taking a connection out of the pool.
pub(super) fn pooled(error: PoolError) -> Error {
    match error {
        PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
            mapped(error)
        }
        PoolError::Timeout(TimeoutType::Wait) => {
            Error::new(ErrorKind::Unavailable, "no connection of the pool became free in time")
        }
        PoolError::Timeout(_) => {
            Error::new(ErrorKind::Unavailable, "PostgreSQL did not answer in time")
        }
        PoolError::Closed => Error::new(ErrorKind::Unavailable, "the pool is closed"),
        other => Error::new(ErrorKind::Configuration, "the pool cannot work")
            .with_source(other.to_string()),
    }
}

/// Returns whether the session is over, so that nobody knows how far the server came.
pub(super) fn is_lost(error: &PgError) -> bool {
    use tokio_postgres::error::Severity;

    error.as_db_error().is_none_or(|answer| {
        let severity = answer.parsed_severity();
        answer.code().code().starts_with("57P")
            || matches!(severity, Some(Severity::Fatal | Severity::Panic))
    })
}

/// Returns whether two transactions got into each other's way and the same once more may do.
pub(super) fn is_collision(error: &PgError) -> bool {
    let states = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
    error.code().is_some_and(|code| states.contains(code))
}

/// Returns whether another transaction held a row for longer than we wait.
pub(super) fn is_locked_out(error: &PgError) -> bool {
    error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE)
}

/// Returns whether an id or a unique value is taken.
pub(super) fn is_taken(error: &PgError) -> bool {
    error.code() == Some(&SqlState::UNIQUE_VIOLATION)
}

/// A stored value that cannot be read back.
pub(super) fn corrupt(object: &str, field: &str, problem: &str) -> Error {
    Error::new(ErrorKind::Corrupt, format!("a stored value cannot be read: {problem}"))
        .with("object", object)
        .with("field", field)
}
