//! The tables: one for each object, with columns for each declared field, and their statements.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use circuit_core::{FieldSchema, ObjectSchema, Shape, Text};

use super::encode::{SqlType, columns};
use super::name::{Namespace, quoted};

/// A column that a statement sets.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) sql_type: SqlType,
}

impl Column {
    pub(super) fn new(name: impl Into<String>, sql_type: SqlType) -> Self {
        Self { name: name.into(), sql_type }
    }
}

/// How one object is stored.
#[derive(Debug)]
pub(super) struct Table {
    /// The name, qualified and quoted.
    pub(super) name: String,
    pub(super) object: Text,
    pub(super) schema: Option<Arc<ObjectSchema>>,
    pub(super) shape: Arc<Shape>,
    /// The places of the unique fields among the declared ones.
    pub(super) unique: Vec<usize>,
    /// The statements of writes. Each parameter is an array with a row per record: the keys, for an
    /// insert the ids, then the values, then the unique keys; for a delete the roots instead.
    pub(super) insert: String,
    pub(super) update: String,
    pub(super) delete: String,
    pub(super) undelete: String,
    pub(super) purge: String,
    /// Takes the unique values of records away.
    pub(super) release: String,
    /// Locks records in the order of their keys and reads what writes are checked against.
    pub(super) lock: String,
    /// Finds which of some ids there are.
    pub(super) existing: String,
    /// Finds the live records that hold unique values, a statement for each unique field.
    pub(super) holders: Vec<String>,
}

impl Table {
    pub(super) fn new(
        namespace: &Namespace,
        object: &str,
        schema: Option<Arc<ObjectSchema>>,
    ) -> Self {
        let fields = schema.as_ref().map_or(&[][..], |schema| schema.fields());
        let unique: Vec<usize> = (0..fields.len()).filter(|i| fields[*i].is_unique()).collect();
        let keys: Vec<String> = unique.iter().map(|i| unique_column(fields[*i].name())).collect();
        let values = || {
            let rest = Column::new("_rest", SqlType::Jsonb);
            std::iter::once(rest).chain(fields.iter().flat_map(field_columns)).collect::<Vec<_>>()
        };
        let text = |name: &String| Column::new(name, SqlType::Text);
        let mut with_keys = values();
        with_keys.extend(keys.iter().map(text));
        let mut with_root = values();
        with_root.push(Column::new("_deleted_with", SqlType::Text));
        let name = namespace.table(object);
        // What is in the recycle bin holds no unique value.
        let cleared = keys.iter().fold(String::new(), |all, key| all + key + " = NULL, ");
        let held = keys.iter().fold(String::new(), |all, key| all + ", " + key);
        Self {
            insert: insert(&name, &with_keys),
            update: update(&name, &with_keys, ""),
            delete: update(&name, &with_root, &format!("_deleted = true, {cleared}")),
            undelete: update(&name, &with_keys, "_deleted = false, _deleted_with = NULL, "),
            purge: format!("DELETE FROM {name} WHERE _key = ANY($1::text[])"),
            release: format!(
                "UPDATE {name} SET {} WHERE _key = ANY($1::text[])",
                cleared.trim_end_matches(", ")
            ),
            lock: format!(
                "SELECT _key, _version, _deleted{held} FROM {name} \
                 WHERE _key = ANY($1::text[]) ORDER BY _key FOR UPDATE"
            ),
            existing: format!("SELECT _key FROM {name} WHERE _key = ANY($1::text[])"),
            holders: keys.iter().map(|key| holders(&name, key)).collect(),
            name,
            object: object.into(),
            unique,
            shape: schema.as_ref().map_or_else(|| Shape::of(object), |schema| schema.shape()),
            schema,
        }
    }

    pub(super) fn fields(&self) -> &[FieldSchema] {
        self.schema.as_ref().map_or(&[], |schema| schema.fields())
    }

    /// Returns the columns that every read selects, in the order of the decoder.
    pub(super) fn columns(&self) -> String {
        let mut all = "_id, _version, _rest::text".to_owned();
        for column in self.fields().iter().flat_map(read_columns) {
            all.push_str(", ");
            all.push_str(&column);
        }
        all
    }

    pub(super) fn unique_fields(&self) -> impl Iterator<Item = &FieldSchema> {
        self.unique.iter().map(|i| &self.fields()[*i])
    }
}

fn holders(name: &str, key: &str) -> String {
    format!("SELECT _key, {key} FROM {name} WHERE NOT _deleted AND {key} = ANY($1::text[])")
}

/// The first version is one by chance: what is purged and inserted again is another record.
fn insert(name: &str, columns: &[Column]) -> String {
    let lead = [Column::new("_key", SqlType::Text), Column::new("_id", SqlType::Text)];
    let all: Vec<&Column> = lead.iter().chain(columns).collect();
    let names: Vec<&str> = all.iter().map(|column| column.name.as_str()).collect();
    let values: Vec<String> = (1..).zip(&all).map(|(i, column)| taken(i, column)).collect();
    format!(
        "INSERT INTO {name} (_version, {}) \
         SELECT floor(random() * 281474976710656)::bigint, {} FROM {}",
        names.join(", "),
        values.join(", "),
        rows(all.iter().map(|column| column.sql_type)),
    )
}

fn update(name: &str, columns: &[Column], fixed: &str) -> String {
    format!(
        "UPDATE {name} AS o SET {fixed}_version = o._version + 1, {}",
        from_rows(columns).trim_start_matches(", ")
    )
}

/// Returns the rest of an update by key: assignments, the rows of the parameters, the condition.
pub(super) fn from_rows(columns: &[Column]) -> String {
    let set: Vec<String> = (2..)
        .zip(columns)
        .map(|(i, column)| format!("{} = {}", column.name, taken(i, column)))
        .collect();
    let types = std::iter::once(SqlType::Text).chain(columns.iter().map(|column| column.sql_type));
    format!("{} FROM {} WHERE o._key = w.p1", set.join(", "), rows(types))
}

fn taken(parameter: usize, column: &Column) -> String {
    format!("w.p{parameter}{}", column.sql_type.cast())
}

/// Returns the parameters, an array each, as rows with the columns `p1`, `p2` and so on.
fn rows(types: impl Iterator<Item = SqlType>) -> String {
    let (arrays, names): (Vec<String>, Vec<String>) = (1..)
        .zip(types)
        .map(|(i, sql_type)| (format!("${i}::{}[]", sql_type.sent()), format!("p{i}")))
        .unzip();
    format!("unnest({}) AS w ({})", arrays.join(", "), names.join(", "))
}

/// Returns the columns of a field.
pub(super) fn field_columns(field: &FieldSchema) -> impl Iterator<Item = Column> {
    let parts = columns(field.field_type()).iter();
    parts.map(|(lead, sql_type)| Column::new(quoted(lead, field.name()), *sql_type))
}

/// Returns what is selected to read a field.
pub(super) fn read_columns(field: &FieldSchema) -> impl Iterator<Item = String> {
    // What is compared is made from the value, and not read.
    let parts = columns(field.field_type()).iter().filter(|(lead, _)| *lead != "c_");
    parts.map(|(lead, sql_type)| quoted(lead, field.name()) + sql_type.read())
}

/// Returns the quoted column of a unique field's key.
pub(super) fn unique_column(field: &str) -> String {
    quoted("u_", field)
}

/// The tables that this store knows; other processes may make further ones.
#[derive(Debug)]
pub(super) struct Tables {
    tables: RwLock<HashMap<Text, Arc<Table>>>,
}

impl Tables {
    pub(super) fn new(tables: Vec<Table>) -> Self {
        let keyed = tables.into_iter().map(|table| (key(&table.object), Arc::new(table)));
        Self { tables: RwLock::new(keyed.collect()) }
    }

    pub(super) fn get(&self, object: &str) -> Option<Arc<Table>> {
        self.tables.read().unwrap_or_else(PoisonError::into_inner).get(&key(object)).cloned()
    }

    pub(super) fn add(&self, table: Table) -> Arc<Table> {
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(tables.entry(key(&table.object)).or_insert_with(|| Arc::new(table)))
    }

    pub(super) fn schema(&self, object: &str) -> Option<Arc<ObjectSchema>> {
        self.get(object).and_then(|table| table.schema.clone())
    }

    pub(super) fn schemas(&self) -> Vec<Arc<ObjectSchema>> {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        let mut schemas: Vec<_> =
            tables.values().filter_map(|table| table.schema.clone()).collect();
        schemas.sort_by(|a, b| a.object().cmp(b.object()));
        schemas
    }
}

/// Object names match without regard to case.
pub(super) fn key(object: &str) -> Text {
    Text::from(object).trim_to_ascii_lowercase()
}
