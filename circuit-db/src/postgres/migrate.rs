//! Brings the database up to the schemas: Circuit's own tables, new tables, the stored schemas.

use std::collections::HashMap;
use std::sync::Arc;

use circuit_core::{Error, ErrorKind, FieldSchema, FieldType, ObjectSchema, Result, Text};
use deadpool_postgres::{Client, Transaction};

use super::encode::SqlType;
use super::error::{corrupt, mapped};
use super::name::{Namespace, index, quote};
use super::table::{Table, field_columns, key, unique_column};
use super::upgrade::Upgrade;

/// The layout that this code reads and writes.
const FORMAT: i64 = 1;

/// How often a migration starts over because a commit of another process stood in its way.
const ROUNDS: usize = 5;

/// Brings the database up to the schemas and answers its tables; changes nothing if it cannot.
pub(super) async fn migrate(
    client: &mut Client,
    namespace: &Namespace,
    schemas: &[ObjectSchema],
) -> Result<Vec<Table>> {
    let mut round = 0;
    loop {
        round += 1;
        match migrate_once(client, namespace, schemas).await {
            Err(error) if error.is_conflict() && round < ROUNDS => {}
            answer => return answer,
        }
    }
}

async fn migrate_once(
    client: &mut Client,
    namespace: &Namespace,
    schemas: &[ObjectSchema],
) -> Result<Vec<Table>> {
    let transaction = client.transaction().await.map_err(mapped)?;
    lock(&transaction, namespace).await?;
    prepare_namespace(&transaction, namespace).await?;
    let mut stored = stored_schemas(&transaction, namespace).await?;
    let given: Vec<Text> = schemas.iter().map(|schema| key(schema.object())).collect();
    for schema in schemas {
        let key = key(schema.object());
        let merged = if let Some(old) = stored.remove(&key) {
            Upgrade::new(&transaction, namespace, &old, schema).run().await?
        } else {
            create(&transaction, namespace, schema).await?;
            schema.clone()
        };
        stored.insert(key, merged);
    }
    transaction.commit().await.map_err(mapped)?;
    let table =
        |(key, schema): (Text, ObjectSchema)| table_of(namespace, schema, given.contains(&key));
    Ok(stored.into_iter().map(table).collect())
}

/// What was never declared has a schema without fields: an open object.
fn table_of(namespace: &Namespace, schema: ObjectSchema, is_given: bool) -> Table {
    let object = schema.object().clone();
    let declared = is_given || !schema.fields().is_empty();
    Table::new(namespace, &object, declared.then(|| Arc::new(schema)))
}

/// Lets one process at a time change the tables of a namespace; the end of the transaction unlocks.
async fn lock(transaction: &Transaction<'_>, namespace: &Namespace) -> Result<()> {
    // Whoever is first may have much to do.
    transaction.batch_execute("SET LOCAL lock_timeout = 0").await.map_err(mapped)?;
    let lock = "SELECT pg_advisory_xact_lock($1)";
    transaction.execute(lock, &[&namespace.lock()]).await.map(|_| ()).map_err(mapped)
}

/// Creates the namespace and Circuit's own tables, or checks what is there.
async fn prepare_namespace(transaction: &Transaction<'_>, namespace: &Namespace) -> Result<()> {
    let find = "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1),
                       EXISTS (SELECT FROM pg_tables
                               WHERE schemaname = $1 AND tablename = '_circuit_meta')";
    let found = transaction.query_one(find, &[&namespace.name()]).await.map_err(mapped)?;
    if !found.get::<_, bool>(0) {
        let create = format!("CREATE SCHEMA {}", quote(namespace.name()));
        transaction.batch_execute(&create).await.map_err(mapped)?;
    }
    let (meta, plans) = (namespace.own("_circuit_meta"), namespace.own("_circuit_plans"));
    if found.get::<_, bool>(1) {
        check_format(transaction, &meta).await?;
        let forget = format!("DELETE FROM {plans} WHERE at < now() - interval '1 day'");
        return transaction.batch_execute(&forget).await.map_err(mapped);
    }
    let create = format!(
        r#"CREATE TABLE {meta} (name text COLLATE "C" PRIMARY KEY, value bigint NOT NULL);
           INSERT INTO {meta} VALUES ('format', {FORMAT});
           CREATE TABLE {} (object text COLLATE "C" PRIMARY KEY, schema text NOT NULL);
           CREATE TABLE {plans} (store text COLLATE "C", plan bigint,
               at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (store, plan))"#,
        objects(namespace),
    );
    transaction.batch_execute(&create).await.map_err(mapped)
}

async fn check_format(transaction: &Transaction<'_>, meta: &str) -> Result<()> {
    let read = format!("SELECT value FROM {meta} WHERE name = 'format'");
    let row = transaction.query_opt(&read, &[]).await.map_err(mapped)?;
    let found = row.map_or(0, |row| row.get::<_, i64>(0));
    if found == FORMAT {
        return Ok(());
    }
    let message = "the tables were written by another version of Circuit";
    Err(Error::new(ErrorKind::Corrupt, message).with("format", found).with("expected", FORMAT))
}

fn objects(namespace: &Namespace) -> String {
    namespace.own("_circuit_objects")
}

async fn stored_schemas(
    transaction: &Transaction<'_>,
    namespace: &Namespace,
) -> Result<HashMap<Text, ObjectSchema>> {
    let read = format!("SELECT object, schema FROM {}", objects(namespace));
    let rows = transaction.query(&read, &[]).await.map_err(mapped)?;
    let stored = rows.iter().map(|row| {
        let (object, text): (&str, &str) = (row.get(0), row.get(1));
        Ok((Text::from(object), parsed(object, text)?))
    });
    stored.collect()
}

fn parsed(object: &str, text: &str) -> Result<ObjectSchema> {
    serde_json::from_str(text).map_err(|_| corrupt(object, "*", "the schema"))
}

/// Creates an object's table with all its columns and indexes.
async fn create(
    transaction: &Transaction<'_>,
    namespace: &Namespace,
    schema: &ObjectSchema,
) -> Result<()> {
    let object = schema.object();
    if object.contains('\0') {
        let message = "the name of an object cannot have the character U+0000 in PostgreSQL";
        return Err(Error::new(ErrorKind::InvalidSchema, message));
    }
    let table = namespace.table(object);
    let mut columns = String::new();
    let mut indexes = format!(
        "CREATE INDEX {} ON {table} (_deleted_with) WHERE _deleted_with IS NOT NULL;",
        index("d_", object, "")
    );
    for field in schema.fields() {
        for column in field_columns(field) {
            columns.extend([", ", &column.name, " ", column.sql_type.declared()]);
        }
        if field.is_unique() {
            let key = unique_column(field.name());
            columns.extend([", ", &key, " ", SqlType::Text.declared()]);
            indexes += &unique_index(namespace, object, field);
        }
        if is_indexed(field) {
            indexes += &value_index(namespace, object, field);
        }
    }
    let create = format!(
        r#"CREATE TABLE {table} (
               _key text COLLATE "C" PRIMARY KEY, _id text COLLATE "C" NOT NULL,
               _version bigint NOT NULL, _deleted boolean NOT NULL DEFAULT false,
               _deleted_with text COLLATE "C", _rest jsonb{columns});
           {indexes}"#
    );
    let named = |error| too_wide(error).with("object", object);
    transaction.batch_execute(&create).await.map_err(named)?;
    store_schema(transaction, namespace, schema).await
}

/// Tells what PostgreSQL's limit of 1,600 columns is about.
pub(super) fn too_wide(error: tokio_postgres::Error) -> Error {
    use tokio_postgres::error::SqlState;

    if error.code() != Some(&SqlState::TOO_MANY_COLUMNS) {
        return mapped(error);
    }
    let message = "the object has more fields than a table of PostgreSQL has columns for";
    Error::new(ErrorKind::InvalidSchema, message)
}

/// Returns what makes the values of a field unique among live records.
pub(super) fn unique_index(namespace: &Namespace, object: &str, field: &FieldSchema) -> String {
    format!(
        "CREATE UNIQUE INDEX {} ON {} ({}) WHERE NOT _deleted;",
        index("u_", object, field.name()),
        namespace.table(object),
        unique_column(field.name())
    )
}

/// A delete looks for the records that refer to the deleted one; other fields are looked up by
/// queries. The index of a unique field is on its keys.
pub(super) fn is_indexed(field: &FieldSchema) -> bool {
    let comparable = !matches!(field.field_type(), FieldType::Any | FieldType::Json);
    comparable && (field.reference().is_some() || field.is_indexed() && !field.is_unique())
}

/// Returns what makes an index of what is compared of a field.
pub(super) fn value_index(namespace: &Namespace, object: &str, field: &FieldSchema) -> String {
    /// An entry of a tree is at most 2,700 bytes long, and a character four.
    const LONGEST: usize = 600;

    let quoted = |lead: &str| super::name::quoted(lead, field.name());
    let columns = match field_columns(field).count() {
        1 => quoted("f_"),
        _ if matches!(field.field_type(), FieldType::DateTime | FieldType::Time) => {
            format!("{}, {}", quoted("f_"), quoted("n_"))
        }
        _ => quoted("c_"),
    };
    let is_long = match field.field_type() {
        FieldType::Text => field.length().is_none_or(|length| length > LONGEST),
        FieldType::MultiPicklist => true,
        _ => false,
    };
    let method = if is_long { "USING hash " } else { "" };
    let name = index("r_", object, field.name());
    format!("CREATE INDEX {name} ON {} {method}({columns});", namespace.table(object))
}

pub(super) async fn store_schema(
    transaction: &Transaction<'_>,
    namespace: &Namespace,
    schema: &ObjectSchema,
) -> Result<()> {
    let text = serde_json::to_string(schema).unwrap_or_default();
    let put = format!(
        "INSERT INTO {} (object, schema) VALUES ($1, $2)
         ON CONFLICT (object) DO UPDATE SET schema = excluded.schema",
        objects(namespace)
    );
    let key = key(schema.object());
    transaction.execute(&put, &[&key.as_str(), &text]).await.map(|_| ()).map_err(mapped)
}

/// Returns the table of an object that another process may have made.
pub(super) async fn find_table(
    client: &Client,
    namespace: &Namespace,
    object: &str,
) -> Result<Option<Table>> {
    if object.contains('\0') {
        return Ok(None);
    }
    let find = format!("SELECT schema FROM {} WHERE object = $1", objects(namespace));
    let statement = client.prepare_cached(&find).await.map_err(mapped)?;
    let row = client.query_opt(&statement, &[&key(object).as_str()]).await.map_err(mapped)?;
    let schema = row.map(|row| parsed(object, row.get(0))).transpose()?;
    Ok(schema.map(|schema| table_of(namespace, schema, false)))
}

/// Returns the table of an object without a schema; its first record makes it.
pub(super) async fn find_or_create_table(
    client: &mut Client,
    namespace: &Namespace,
    object: &str,
) -> Result<Table> {
    if let Some(table) = find_table(client, namespace, object).await? {
        return Ok(table);
    }
    let transaction = client.transaction().await.map_err(mapped)?;
    lock(&transaction, namespace).await?;
    let mut stored = stored_schemas(&transaction, namespace).await?;
    let schema = if let Some(schema) = stored.remove(&key(object)) {
        schema
    } else {
        let schema = ObjectSchema::new(object);
        create(&transaction, namespace, &schema).await?;
        schema
    };
    transaction.commit().await.map_err(mapped)?;
    Ok(table_of(namespace, schema, false))
}
