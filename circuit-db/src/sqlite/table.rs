//! The tables: one for each object, with a column for each declared field.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use circuit_core::{FieldSchema, FieldType, ObjectSchema, Shape, Text};

/// How one object is stored.
#[derive(Debug)]
pub(super) struct Table {
    /// The name, quoted.
    pub(super) name: String,
    pub(super) object: Text,
    pub(super) schema: Option<Arc<ObjectSchema>>,
    pub(super) shape: Arc<Shape>,
    /// The places of the unique fields among the declared ones.
    pub(super) unique: Vec<usize>,
    /// The statements of writes; their parameters are the key, the id or version, then the values,
    /// then the unique keys or, for a delete, the record whose delete took this one along.
    pub(super) insert: String,
    pub(super) update: String,
    pub(super) delete: String,
    pub(super) undelete: String,
    pub(super) purge: String,
    /// Finds a record that has a version.
    pub(super) check: String,
    /// Takes the unique values of a record away.
    pub(super) release: String,
}

impl Table {
    pub(super) fn new(object: &str, schema: Option<Arc<ObjectSchema>>) -> Self {
        let fields = schema.as_ref().map_or(&[][..], |schema| schema.fields());
        let unique: Vec<usize> = (0..fields.len()).filter(|i| fields[*i].is_unique()).collect();
        let keys: Vec<String> = unique.iter().map(|i| unique_column(fields[*i].name())).collect();
        let mut columns = vec!["_rest".to_owned()];
        columns.extend(fields.iter().map(|field| column(field.name())));
        columns.extend(keys.iter().cloned());
        let name = quoted("o_", object);
        let changed = |deleted: u8, set: &str| {
            format!(
                "UPDATE {name} SET {set}_version = _version + 1 \
                 WHERE _key = ?1 AND _deleted = {deleted} AND (?2 IS NULL OR _version = ?2)"
            )
        };
        let values = set(&columns);
        // What is in the recycle bin holds no unique value: `release` took the keys away.
        let plain = set(&columns[..=fields.len()]);
        let deleted = format!("{plain}_deleted = 1, _deleted_with = ?{}, ", 4 + fields.len());
        let cleared: Vec<String> = keys.iter().map(|key| format!("{key} = NULL")).collect();
        Self {
            insert: insert(&name, &columns),
            update: changed(0, &values),
            delete: changed(0, &deleted),
            undelete: changed(1, &format!("_deleted = 0, _deleted_with = NULL, {values}")),
            purge: format!("DELETE FROM {name} WHERE _key = ?1 AND (?2 IS NULL OR _version = ?2)"),
            check: format!(
                "SELECT 1 FROM {name} \
                 WHERE _key = ?1 AND _deleted = 0 AND (?2 IS NULL OR _version = ?2)"
            ),
            release: format!("UPDATE {name} SET {} WHERE _key = ?1", cleared.join(", ")),
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
        let declared = self.fields().iter().map(|field| format!(", {}", column(field.name())));
        format!("_id, _version, _rest{}", declared.collect::<String>())
    }

    pub(super) fn unique_fields(&self) -> impl Iterator<Item = &FieldSchema> {
        self.unique.iter().map(|i| &self.fields()[*i])
    }
}

/// Returns the assignments of columns from the third parameter on.
fn set(columns: &[String]) -> String {
    let each = (3..).zip(columns).map(|(i, column)| format!("{column} = ?{i}, "));
    each.collect::<Vec<_>>().concat()
}

/// The first version is one by chance: what is purged and inserted again is another record.
fn insert(name: &str, columns: &[String]) -> String {
    let marks: Vec<String> = (3..3 + columns.len()).map(|i| format!("?{i}")).collect();
    format!(
        "INSERT INTO {name} (_key, _id, _version, {}) \
         VALUES (?1, ?2, random() & 0xffffffffffff, {})",
        columns.join(", "),
        marks.join(", ")
    )
}

/// The tables that the file has.
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

    pub(super) fn add(&self, table: Arc<Table>) {
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        tables.insert(key(&table.object), table);
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

/// Returns the quoted column of a field.
pub(super) fn column(field: &str) -> String {
    quoted("f_", field)
}

/// Returns the quoted column of a field with the order that its type has.
///
/// The order stands in each query and not in the table, so that other programs can read the file.
pub(super) fn compared(field: &str, field_type: FieldType) -> String {
    column(field) + collation(field_type)
}

/// Returns what tells the order of a type, where it is not that of its column.
pub(super) fn collation(field_type: FieldType) -> &'static str {
    match field_type {
        FieldType::Decimal => " COLLATE circuit_decimal",
        FieldType::Text | FieldType::MultiPicklist => " COLLATE circuit_text",
        FieldType::Id => " COLLATE circuit_id",
        _ => "",
    }
}

/// Returns the quoted column of a unique field's key.
pub(super) fn unique_column(field: &str) -> String {
    quoted("u_", field)
}

/// Names come from users, so they are quoted, and lower-cased because they match without case.
pub(super) fn quoted(lead: &str, name: &str) -> String {
    format!("\"{lead}{}\"", name.to_ascii_lowercase().replace('"', "\"\""))
}
