//! Brings the table of one object up to its schema: columns, values that move into them, indexes.

use circuit_core::{Error, ErrorKind, FieldSchema, ObjectSchema, Result, Value};
use deadpool_postgres::Transaction;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use super::encode::{SqlType, cells, decode, json, unique_key};
use super::error::{corrupt, mapped};
use super::migrate::{is_indexed, store_schema, too_wide, unique_index, value_index};
use super::name::{Namespace, index};
use super::table::{Column, field_columns, from_rows, read_columns, unique_column};
use super::value::{Array, Cell};
use crate::tagged::{from_rest, tagged};

/// How many rows are looked at together.
const BATCH: i64 = 1_000;

/// One object's way from what is stored to what is declared.
pub(super) struct Upgrade<'a> {
    transaction: &'a Transaction<'a>,
    namespace: &'a Namespace,
    old: &'a ObjectSchema,
    new: &'a ObjectSchema,
    table: String,
}

impl<'a> Upgrade<'a> {
    pub(super) fn new(
        transaction: &'a Transaction<'a>,
        namespace: &'a Namespace,
        old: &'a ObjectSchema,
        new: &'a ObjectSchema,
    ) -> Self {
        Self { transaction, namespace, old, new, table: namespace.table(new.object()) }
    }

    /// Adds the fields that the table lacks and answers the schema that it has then.
    ///
    /// A field that is no longer declared keeps its columns and its type, and nothing is asked of
    /// it.
    pub(super) async fn run(self) -> Result<ObjectSchema> {
        let mut merged = ObjectSchema::new(self.new.object().clone());
        for field in self.old.fields() {
            let declared = self.new.field(field.name()).cloned().unwrap_or_else(|| freed(field));
            self.check_type(field, &declared)?;
            merged = merged.with_field(declared);
        }
        let added: Vec<&FieldSchema> = self
            .new
            .fields()
            .iter()
            .filter(|field| self.old.field(field.name()).is_none())
            .collect();
        merged = added.iter().fold(merged, |merged, field| merged.with_field((*field).clone()));
        if merged == *self.old {
            return Ok(merged);
        }
        if !added.is_empty() {
            self.add_columns(&added).await?;
            self.move_values(&added).await?;
        }
        for field in merged.fields() {
            self.set_unique(field).await?;
            self.set_index(field).await?;
        }
        store_schema(self.transaction, self.namespace, &merged).await?;
        Ok(merged)
    }

    fn check_type(&self, field: &FieldSchema, declared: &FieldSchema) -> Result<()> {
        if declared.field_type() == field.field_type() {
            return Ok(());
        }
        Err(self
            .error("a stored field cannot change its type", field)
            .with("stored", field.field_type())
            .with("declared", declared.field_type()))
    }

    fn error(&self, message: &str, field: &FieldSchema) -> Error {
        Error::new(ErrorKind::InvalidSchema, message)
            .with("object", self.new.object())
            .with("field", field.name())
    }

    async fn execute(&self, sql: &str) -> Result<()> {
        self.transaction.batch_execute(sql).await.map_err(mapped)
    }

    async fn add_columns(&self, added: &[&FieldSchema]) -> Result<()> {
        let add: Vec<String> = added
            .iter()
            .flat_map(|field| field_columns(field))
            .map(|column| format!("ADD COLUMN {} {}", column.name, column.sql_type.declared()))
            .collect();
        let alter = format!("ALTER TABLE {} {}", self.table, add.join(", "));
        let named = |error| too_wide(error).with("object", self.new.object());
        self.transaction.batch_execute(&alter).await.map_err(named)
    }

    /// Moves what was stored under the names before they were declared.
    async fn move_values(&self, added: &[&FieldSchema]) -> Result<()> {
        let rest = Column::new("_rest", SqlType::Jsonb);
        let columns: Vec<Column> = std::iter::once(rest)
            .chain(added.iter().flat_map(|field| field_columns(field)))
            .collect();
        let put = format!("UPDATE {} AS o SET {}", self.table, from_rows(&columns));
        let mut wrong = vec![0_usize; added.len()];
        let mut last = String::new();
        loop {
            let rows = self.batch("_rest::text", "_rest", &last).await?;
            let Some(row) = rows.last() else { break };
            last = row.get(0);
            let mut arrays = vec![Array::of(SqlType::Text)];
            arrays.extend(columns.iter().map(|column| Array::of(column.sql_type)));
            for row in &rows {
                self.move_row(row, added, &mut arrays, &mut wrong)?;
            }
            self.put(&put, &arrays).await?;
        }
        match added.iter().zip(wrong).find(|(_, wrong)| *wrong > 0) {
            None => Ok(()),
            Some((field, wrong)) => Err(self
                .error("stored values do not fit the declared type; correct them first", field)
                .with("declared", field.field_type())
                .with("values", wrong)),
        }
    }

    /// Adds what becomes of one row.
    fn move_row(
        &self,
        row: &Row,
        added: &[&FieldSchema],
        arrays: &mut [Array],
        wrong: &mut [usize],
    ) -> Result<()> {
        let unreadable = || corrupt(self.new.object(), "_rest", "its JSON");
        let mut rest = from_rest(row.get(1)).ok_or_else(unreadable)?;
        let is_added = |name: &str| added.iter().any(|f| f.name().eq_ignore_ascii_case(name));
        if !rest.iter().any(|(name, _)| is_added(name)) {
            return Ok(());
        }
        let mut moved = Vec::new();
        for (field, wrong) in added.iter().zip(wrong) {
            let at = rest.iter().position(|(name, _)| name.eq_ignore_ascii_case(field.name()));
            let value = at.map_or(Value::Null, |at| rest.remove(at).1);
            let field_type = field.field_type();
            let coerced = field_type.coerce(&value).ok();
            let fits = coerced.and_then(|value| cells(field_type, &value).ok());
            *wrong += usize::from(fits.is_none());
            let (first, second) = fits.unwrap_or((Cell::Null, Cell::Null));
            moved.push(first);
            if field_columns(field).count() == 2 {
                moved.push(second);
            }
        }
        let left: serde_json::Map<String, serde_json::Value> =
            rest.iter().map(|(name, value)| (name.to_string(), tagged(value))).collect();
        let left = if left.is_empty() {
            Cell::Null
        } else {
            json(&serde_json::Value::Object(left)).map_err(|_| unreadable())?
        };
        let row = [Cell::Text(row.get(0)), left].into_iter().chain(moved);
        arrays.iter_mut().zip(row).for_each(|(array, cell)| array.push(cell));
        Ok(())
    }

    /// Reads the next rows that have something in a column, in the order of their keys.
    async fn batch(&self, select: &str, column: &str, after: &str) -> Result<Vec<Row>> {
        let read = format!(
            "SELECT _key, {select} FROM {} WHERE {column} IS NOT NULL AND _key > $1
             ORDER BY _key LIMIT $2",
            self.table
        );
        self.transaction.query(&read, &[&after, &BATCH]).await.map_err(mapped)
    }

    async fn put(&self, sql: &str, arrays: &[Array]) -> Result<()> {
        let params: Vec<&(dyn ToSql + Sync)> = arrays.iter().map(|array| array as _).collect();
        self.transaction.execute(sql, &params).await.map(|_| ()).map_err(mapped)
    }

    /// Gives a field that became unique its keys and index, or takes the index away. The column
    /// stays: a process with the schema of before still writes it.
    async fn set_unique(&self, field: &FieldSchema) -> Result<()> {
        let object = self.new.object();
        let was = self.old.field(field.name()).is_some_and(FieldSchema::is_unique);
        if was == field.is_unique() {
            return Ok(());
        }
        if was {
            let index = index("u_", object, field.name());
            return self.execute(&format!("DROP INDEX {}", self.namespace.qualified(&index))).await;
        }
        let (table, keys) = (&self.table, unique_column(field.name()));
        self.execute(&format!(
            "ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {keys} text COLLATE \"C\";
             UPDATE {table} SET {keys} = NULL WHERE {keys} IS NOT NULL"
        ))
        .await?;
        self.fill_keys(field, &keys).await?;
        let create = unique_index(self.namespace, object, field);
        self.transaction.batch_execute(&create).await.map_err(|error| {
            if error.code() == Some(&SqlState::UNIQUE_VIOLATION) {
                self.error("stored values are not unique; correct them first", field)
            } else {
                mapped(error)
            }
        })
    }

    async fn fill_keys(&self, field: &FieldSchema, keys: &str) -> Result<()> {
        let put = from_rows(&[Column::new(keys, SqlType::Text)]);
        let put = format!("UPDATE {} AS o SET {put} AND NOT o._deleted", self.table);
        let read: Vec<String> = read_columns(field).collect();
        let value = field_columns(field).next().map(|column| column.name).unwrap_or_default();
        let mut last = String::new();
        loop {
            let rows = self.batch(&read.join(", "), &value, &last).await?;
            let Some(row) = rows.last() else { return Ok(()) };
            last = row.get(0);
            let mut arrays = [Array::of(SqlType::Text), Array::of(SqlType::Text)];
            for row in &rows {
                let value = decode(field.field_type(), row, 1);
                let key = value.as_ref().and_then(unique_key);
                arrays[0].push(Cell::Text(row.get(0)));
                arrays[1].push(key.map_or(Cell::Null, Cell::Text));
            }
            self.put(&put, &arrays).await?;
        }
    }

    /// Gives a field that queries are to look up its index, or takes it away.
    async fn set_index(&self, field: &FieldSchema) -> Result<()> {
        let object = self.new.object();
        let old = self.old.field(field.name());
        match (old.is_some_and(is_indexed), is_indexed(field)) {
            (false, true) => self.execute(&value_index(self.namespace, object, field)).await,
            (true, false) => {
                let index = index("r_", object, field.name());
                self.execute(&format!("DROP INDEX {}", self.namespace.qualified(&index))).await
            }
            _ => Ok(()),
        }
    }
}

fn freed(field: &FieldSchema) -> FieldSchema {
    FieldSchema::new(field.name().clone(), field.field_type())
}
