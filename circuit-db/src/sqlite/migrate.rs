//! Brings a file up to the schemas: new tables, new columns, values that move into them.

use std::collections::HashMap;
use std::sync::Arc;

use circuit_core::{Error, ErrorKind, FieldSchema, FieldType, ObjectSchema, Result, Text, Value};
use rusqlite::{Connection, Transaction};

use super::encode::{sql_type, to_column};
use super::error::{corrupt, mapped};
use super::table::{Table, column, compared, key, quoted, unique_column};
use crate::tagged::{from_rest, tagged};

/// The layout that this code reads and writes.
const FORMAT: i64 = 2;

/// Brings the file up to the schemas and answers its tables; changes nothing if it cannot.
pub(super) fn migrate(
    connection: &mut Connection,
    schemas: Vec<ObjectSchema>,
) -> Result<Vec<Table>> {
    let transaction = connection.transaction().map_err(mapped)?;
    check_format(&transaction)?;
    let mut stored = stored_schemas(&transaction)?;
    let given: Vec<Text> = schemas.iter().map(|schema| key(schema.object())).collect();
    for schema in schemas {
        let key = key(schema.object());
        let old = stored.remove(&key);
        if old.is_none() {
            create_table(&transaction, schema.object()).map_err(mapped)?;
        }
        let old = old.unwrap_or_else(|| ObjectSchema::new(schema.object().clone()));
        stored.insert(key, upgrade(&transaction, &old, &schema)?);
    }
    transaction.commit().map_err(mapped)?;
    // What was never declared has a schema without fields: an open object.
    let table = |(key, schema): (Text, ObjectSchema)| {
        let declared = given.contains(&key) || !schema.fields().is_empty();
        let object = schema.object().clone();
        Table::new(&object, declared.then(|| Arc::new(schema)))
    };
    Ok(stored.into_iter().map(table).collect())
}

fn check_format(transaction: &Transaction<'_>) -> Result<()> {
    let text = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
    let ours = "SELECT count(*) FROM sqlite_master WHERE name = '_circuit_objects'";
    let any = "SELECT count(*) FROM sqlite_master";
    let found: i64 = transaction.query_row("PRAGMA user_version", [], text).map_err(mapped)?;
    let is_ours = transaction.query_row(ours, [], text).map_err(mapped)? > 0;
    let is_empty = transaction.query_row(any, [], text).map_err(mapped)? == 0;
    if !is_ours && !is_empty {
        let message = "the database belongs to another program; give Circuit a file of its own";
        return Err(Error::new(ErrorKind::Corrupt, message));
    }
    if is_ours && found == 1 {
        add_deleted_with(transaction)?;
    } else if is_ours && found != FORMAT {
        let message = "the file was written by another version of Circuit";
        return Err(Error::new(ErrorKind::Corrupt, message)
            .with("format", found)
            .with("expected", FORMAT));
    }
    let create = format!(
        "PRAGMA user_version = {FORMAT};
         CREATE TABLE IF NOT EXISTS _circuit_objects (object TEXT PRIMARY KEY, schema TEXT NOT NULL)"
    );
    transaction.execute_batch(&create).map_err(mapped)
}

/// Format 2: records in the recycle bin know whose delete took them along.
fn add_deleted_with(transaction: &Transaction<'_>) -> Result<()> {
    for object in stored_schemas(transaction)?.keys() {
        let table = quoted("o_", object);
        let add = format!("ALTER TABLE {table} ADD COLUMN _deleted_with TEXT;");
        transaction.execute_batch(&(add + &index_bin(object))).map_err(mapped)?;
    }
    Ok(())
}

fn stored_schemas(transaction: &Transaction<'_>) -> Result<HashMap<Text, ObjectSchema>> {
    let mut statement =
        transaction.prepare("SELECT object, schema FROM _circuit_objects").map_err(mapped)?;
    let pair = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
    let rows = statement.query_map([], pair).map_err(mapped)?;
    rows.map(|row| {
        let (object, text) = row.map_err(mapped)?;
        let schema =
            serde_json::from_str(&text).map_err(|_| corrupt(&object, "*", "the schema"))?;
        Ok((Text::from(object), schema))
    })
    .collect()
}

/// Creates the table of an object with the columns that every table has.
pub(super) fn create_table(connection: &Connection, object: &str) -> rusqlite::Result<()> {
    let table = quoted("o_", object);
    connection.execute_batch(&format!(
        "CREATE TABLE IF NOT EXISTS {table} (
             _key TEXT PRIMARY KEY, _id TEXT NOT NULL, _version INTEGER NOT NULL,
             _deleted INTEGER NOT NULL DEFAULT 0, _deleted_with TEXT, _rest TEXT
         ) WITHOUT ROWID;
         {}",
        index_bin(object)
    ))?;
    store_schema(connection, &ObjectSchema::new(object))
}

/// An undelete looks for the records that the delete took along; most records have no mark.
fn index_bin(object: &str) -> String {
    let (index, table) = (quoted("d_", object), quoted("o_", object));
    format!(
        "CREATE INDEX IF NOT EXISTS {index} ON {table} (_deleted_with)
         WHERE _deleted_with IS NOT NULL"
    )
}

fn store_schema(connection: &Connection, schema: &ObjectSchema) -> rusqlite::Result<()> {
    let text = serde_json::to_string(schema).unwrap_or_default();
    let put = "INSERT OR REPLACE INTO _circuit_objects (object, schema) VALUES (?1, ?2)";
    connection.execute(put, [key(schema.object()).as_str(), &text]).map(|_| ())
}

/// Adds the fields that the file lacks.
///
/// A field that is no longer declared keeps its column and its type, and nothing is asked of it.
fn upgrade(
    transaction: &Transaction<'_>,
    old: &ObjectSchema,
    new: &ObjectSchema,
) -> Result<ObjectSchema> {
    let mut merged = ObjectSchema::new(new.object().clone());
    for field in old.fields() {
        let declared = new.field(field.name()).cloned().unwrap_or_else(|| freed(field));
        if declared.field_type() != field.field_type() {
            return Err(Error::new(
                ErrorKind::InvalidSchema,
                "a stored field cannot change its type",
            )
            .with("object", new.object())
            .with("field", field.name())
            .with("stored", field.field_type())
            .with("declared", declared.field_type()));
        }
        set_unique(transaction, new.object(), field.is_unique(), &declared)?;
        if is_indexed(field) && !is_indexed(&declared) {
            let drop = format!("DROP INDEX IF EXISTS {}", value_index(new.object(), field));
            transaction.execute_batch(&drop).map_err(mapped)?;
        }
        merged = merged.with_field(declared);
    }
    for field in new.fields().iter().filter(|field| old.field(field.name()).is_none()) {
        add_column(transaction, new.object(), field)?;
        merged = merged.with_field(field.clone());
    }
    for field in merged.fields().iter().filter(|field| is_indexed(field)) {
        index_values(transaction, new.object(), field)?;
    }
    store_schema(transaction, &merged).map_err(mapped)?;
    Ok(merged)
}

fn freed(field: &FieldSchema) -> FieldSchema {
    FieldSchema::new(field.name().clone(), field.field_type())
}

fn add_column(transaction: &Transaction<'_>, object: &str, field: &FieldSchema) -> Result<()> {
    let (table, name) = (quoted("o_", object), column(field.name()));
    let add = format!("ALTER TABLE {table} ADD COLUMN {name} {}", sql_type(field.field_type()));
    transaction.execute_batch(&add).map_err(mapped)?;
    move_values(transaction, object, field)?;
    set_unique(transaction, object, false, field)
}

/// A delete looks for the records that refer to the deleted one; other fields are looked up by
/// queries. The index of a unique field is on its keys.
fn is_indexed(field: &FieldSchema) -> bool {
    let comparable = !matches!(field.field_type(), FieldType::Any | FieldType::Json);
    comparable && (field.reference().is_some() || field.is_indexed() && !field.is_unique())
}

/// The order of the index is the one that statements compare by.
fn index_values(transaction: &Transaction<'_>, object: &str, field: &FieldSchema) -> Result<()> {
    let index = value_index(object, field);
    let table = quoted("o_", object);
    let column = compared(field.name(), field.field_type());
    let create = format!("CREATE INDEX IF NOT EXISTS {index} ON {table} ({column})");
    transaction.execute_batch(&create).map_err(mapped)
}

fn value_index(object: &str, field: &FieldSchema) -> String {
    quoted("r_", &format!("{object} {}", field.name()))
}

/// Moves what was stored under the name before it was declared.
fn move_values(transaction: &Transaction<'_>, object: &str, field: &FieldSchema) -> Result<()> {
    let table = quoted("o_", object);
    let find = format!("SELECT _key, _rest FROM {table} WHERE _rest IS NOT NULL");
    let put =
        format!("UPDATE {table} SET {} = ?2, _rest = ?3 WHERE _key = ?1", column(field.name()));
    let mut statement = transaction.prepare(&find).map_err(mapped)?;
    let mut rows = statement.query([]).map_err(mapped)?;
    let mut wrong = 0_usize;
    while let Some(row) = rows.next().map_err(mapped)? {
        let (key, text): (String, String) =
            (row.get(0).map_err(mapped)?, row.get(1).map_err(mapped)?);
        let mut rest = from_rest(&text).ok_or_else(|| corrupt(object, field.name(), "its JSON"))?;
        let Some(at) = rest.iter().position(|(name, _)| name.eq_ignore_ascii_case(field.name()))
        else {
            continue;
        };
        let (_, value) = rest.remove(at);
        let coerced = field.field_type().coerce(&value).ok();
        let Some(sql) = coerced.and_then(|value| to_column(field.field_type(), &value)) else {
            wrong += 1;
            continue;
        };
        let rest: serde_json::Map<String, serde_json::Value> =
            rest.iter().map(|(name, value)| (name.to_string(), tagged(value))).collect();
        let rest = (!rest.is_empty()).then(|| serde_json::Value::Object(rest).to_string());
        transaction.execute(&put, rusqlite::params![key, sql, rest]).map_err(mapped)?;
    }
    if wrong == 0 {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::InvalidSchema,
        "stored values do not fit the declared type; correct them first",
    )
    .with("object", object)
    .with("field", field.name())
    .with("declared", field.field_type())
    .with("values", wrong))
}

/// Gives a field that became unique its key column and index, or takes the index away.
fn set_unique(
    transaction: &Transaction<'_>,
    object: &str,
    was: bool,
    field: &FieldSchema,
) -> Result<()> {
    let (table, keys) = (quoted("o_", object), unique_column(field.name()));
    let index = quoted("u_", &format!("{object} {}", field.name()));
    if was == field.is_unique() {
        return Ok(());
    }
    if was {
        let drop = format!("DROP INDEX IF EXISTS {index}; ALTER TABLE {table} DROP COLUMN {keys}");
        return transaction.execute_batch(&drop).map_err(mapped);
    }
    transaction
        .execute_batch(&format!("ALTER TABLE {table} ADD COLUMN {keys} TEXT"))
        .map_err(mapped)?;
    fill_keys(transaction, object, field)?;
    let create = format!("CREATE UNIQUE INDEX {index} ON {table} ({keys}) WHERE _deleted = 0");
    transaction.execute_batch(&create).map_err(|error| {
        Error::new(ErrorKind::InvalidSchema, "stored values are not unique; correct them first")
            .with("object", object)
            .with("field", field.name())
            .with_source(error)
    })
}

fn fill_keys(transaction: &Transaction<'_>, object: &str, field: &FieldSchema) -> Result<()> {
    let (table, values, keys) =
        (quoted("o_", object), column(field.name()), unique_column(field.name()));
    let find = format!("SELECT _key, {values} FROM {table} WHERE {values} IS NOT NULL");
    let put = format!("UPDATE {table} SET {keys} = ?2 WHERE _key = ?1");
    let mut statement = transaction.prepare(&find).map_err(mapped)?;
    let mut rows = statement.query([]).map_err(mapped)?;
    while let Some(row) = rows.next().map_err(mapped)? {
        let key: String = row.get(0).map_err(mapped)?;
        let column = row.get_ref(1).map_err(mapped)?;
        let value = super::encode::from_column(field.field_type(), column);
        let unique = value.as_ref().and_then(Value::unique_key);
        transaction.execute(&put, rusqlite::params![key, unique.as_deref()]).map_err(mapped)?;
    }
    Ok(())
}
