//! Applies one plan inside a savepoint.

use std::collections::HashMap;
use std::sync::Arc;

use circuit_core::{
    CommitOutcome, CommitPlan, FieldSchema, Record, Result, StatusCode, Text, Value, Write,
    WriteKind, WriteProblem,
};
use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE};
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, params, params_from_iter};

use super::encode::{rest, to_column};
use super::error::mapped;
use super::migrate::create_table;
use super::table::{Table, Tables};

/// What became of a plan, and the tables that it made.
pub(super) type Applied = (CommitOutcome, Vec<Arc<Table>>);

/// What one write came to.
enum Step {
    Done,
    Moved,
    Taken(WriteProblem),
}

/// Applies a plan; the caller keeps the savepoint if the answer is `Committed`.
pub(super) fn apply(
    connection: &Connection,
    tables: &Tables,
    plan: &CommitPlan,
) -> Result<Applied> {
    let mut made = Vec::new();
    let mut places: Vec<Arc<Table>> = Vec::with_capacity(plan.writes.len());
    for write in &plan.writes {
        let object = write.record.object();
        let table = match places.last() {
            Some(last) if last.object.eq_ignore_ascii_case(object) => Arc::clone(last),
            _ => table(connection, tables, object, &mut made)?,
        };
        places.push(table);
    }
    for (write, table) in plan.writes.iter().zip(&places) {
        release(connection, table, write)?;
    }
    let mut problems = Vec::new();
    for (at, (write, table)) in plan.writes.iter().zip(&places).enumerate() {
        match step(connection, table, write, at)? {
            Step::Done => {}
            Step::Moved => return Ok((CommitOutcome::Conflict { write: at }, Vec::new())),
            Step::Taken(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        return Ok((CommitOutcome::Committed { ids: HashMap::new() }, made));
    }
    Ok((CommitOutcome::Refused(problems), Vec::new()))
}

/// Returns the object's table; the first record of an object makes it.
fn table(
    connection: &Connection,
    tables: &Tables,
    object: &Text,
    made: &mut Vec<Arc<Table>>,
) -> Result<Arc<Table>> {
    if let Some(table) = tables.get(object) {
        return Ok(table);
    }
    if let Some(table) = made.iter().find(|table| table.object.eq_ignore_ascii_case(object)) {
        return Ok(Arc::clone(table));
    }
    create_table(connection, object).map_err(mapped)?;
    let table = Arc::new(Table::new(object, None));
    made.push(Arc::clone(&table));
    Ok(table)
}

/// Takes the old unique values away first, so that records may swap theirs.
fn release(connection: &Connection, table: &Table, write: &Write) -> Result<()> {
    let keeps = matches!(write.kind, WriteKind::Insert | WriteKind::Undelete | WriteKind::Check);
    if table.unique.is_empty() || keeps {
        return Ok(());
    }
    let mut statement = connection.prepare_cached(&table.release).map_err(mapped)?;
    statement.execute([write.id.key()]).map(|_| ()).map_err(mapped)
}

fn step(connection: &Connection, table: &Table, write: &Write, at: usize) -> Result<Step> {
    let sql = match write.kind {
        WriteKind::Insert => &table.insert,
        WriteKind::Update => &table.update,
        WriteKind::Delete => &table.delete,
        WriteKind::Undelete => &table.undelete,
        WriteKind::Purge => &table.purge,
        WriteKind::Check => return check(connection, table, write),
    };
    let mut values = vec![Sql::Text(write.id.key().to_owned())];
    if write.kind == WriteKind::Insert {
        values.push(Sql::Text(write.id.to_string()));
    } else {
        let base = write.base.and_then(|base| i64::try_from(base.0).ok());
        values.push(base.map_or(Sql::Null, Sql::Integer));
    }
    if write.kind != WriteKind::Purge
        && let Err(field) = add_values(table, &write.record, &mut values)
    {
        let problem = WriteProblem::new(at, StatusCode::InvalidType, "the column has another type");
        return Ok(Step::Taken(problem.with_field(field)));
    }
    match write.kind {
        WriteKind::Purge => {}
        WriteKind::Delete => {
            let root = write.deleted_with.as_ref();
            values.push(root.map_or(Sql::Null, |id| Sql::Text(id.key().to_owned())));
        }
        _ => values.extend(unique_keys(table, &write.record)),
    }
    let mut statement = connection.prepare_cached(sql).map_err(mapped)?;
    match statement.execute(params_from_iter(values)) {
        Ok(0) => Ok(Step::Moved),
        Ok(_) => Ok(Step::Done),
        Err(error) => taken(table, error, at).map(Step::Taken),
    }
}

fn check(connection: &Connection, table: &Table, write: &Write) -> Result<Step> {
    let base = write.base.and_then(|base| i64::try_from(base.0).ok());
    let mut statement = connection.prepare_cached(&table.check).map_err(mapped)?;
    let found = statement.exists(params![write.id.key(), base]).map_err(mapped)?;
    Ok(if found { Step::Done } else { Step::Moved })
}

/// Adds the JSON column and the declared fields; answers the field that does not fit its column.
fn add_values(
    table: &Table,
    record: &Record,
    values: &mut Vec<Sql>,
) -> std::result::Result<(), Text> {
    values.push(rest(record, table.schema.as_deref()));
    for field in table.fields() {
        let value = record.get(field.name()).unwrap_or(&Value::Null);
        values.push(to_column(field.field_type(), value).ok_or_else(|| field.name().clone())?);
    }
    Ok(())
}

fn unique_keys(table: &Table, record: &Record) -> impl Iterator<Item = Sql> {
    table.unique_fields().map(|field| {
        let key = record.get(field.name()).and_then(Value::unique_key);
        key.map_or(Sql::Null, |key| Sql::Text(key.to_string()))
    })
}

/// Reads which value is taken out of SQLite's message, `UNIQUE constraint failed: table.column`.
fn taken(table: &Table, error: rusqlite::Error, at: usize) -> Result<WriteProblem> {
    let rusqlite::Error::SqliteFailure(code, Some(message)) = &error else {
        return Err(mapped(error));
    };
    let unique = [SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_PRIMARYKEY];
    if !unique.contains(&code.extended_code) {
        return Err(mapped(error));
    }
    // Names may hold dots themselves, so the whole message is compared.
    let is_at = |field: &&FieldSchema| *message == clash(table, field);
    let field = table.unique_fields().find(is_at);
    let name = field.map_or_else(|| Text::from_static("Id"), |field| field.name().clone());
    let problem =
        WriteProblem::new(at, StatusCode::DuplicateValue, "another record has this value");
    Ok(problem.with_field(name))
}

/// Returns what SQLite says when a unique value is taken.
fn clash(table: &Table, field: &FieldSchema) -> String {
    let (object, field) = (table.object.to_ascii_lowercase(), field.name().to_ascii_lowercase());
    format!("UNIQUE constraint failed: o_{object}.u_{field}")
}
