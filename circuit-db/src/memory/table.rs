//! The records of one object.

use std::collections::HashMap;
use std::sync::Arc;

use circuit_core::{
    Comparison, FetchKey, FetchScope, FieldSchema, Filter, ObjectSchema, Operand, Record, RecordId,
    Rows, Stored, Text, Value, eval::Scan,
};

use super::index::{ReferenceIndex, UniqueIndex, ValueIndex, meant};
use super::rows::{Deletion, Row, RowStore};

/// The records of one object, with their indexes.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) schema: Option<Arc<ObjectSchema>>,
    pub(super) rows: RowStore,
    pub(super) unique: Vec<UniqueIndex>,
    /// The declared references of the records that are not deleted.
    references: Vec<(Text, ReferenceIndex)>,
    /// The other fields that have an index.
    values: Vec<ValueIndex>,
    /// The records in the recycle bin by the one whose delete took them along.
    taken_along: ReferenceIndex,
}

impl Table {
    pub(super) fn new(schema: Option<Arc<ObjectSchema>>) -> Self {
        let fields = schema.as_ref().map_or(&[][..], |schema| schema.fields());
        let unique = fields
            .iter()
            .filter(|field| field.is_unique())
            .map(|field| UniqueIndex { field: field.name().clone(), holders: HashMap::default() })
            .collect();
        let references = fields
            .iter()
            .filter(|field| field.reference().is_some())
            .map(|field| (field.name().clone(), ReferenceIndex::default()))
            .collect();
        let others = |field: &&FieldSchema| {
            field.is_indexed() && !field.is_unique() && field.reference().is_none()
        };
        let values = fields.iter().filter(others).map(ValueIndex::new).collect();
        Self { schema, unique, references, values, ..Self::default() }
    }

    /// Returns a record by key.
    pub(super) fn find(&self, key: &FetchKey, scope: FetchScope) -> Option<Stored> {
        let id = match key {
            FetchKey::Id(id) => id,
            FetchKey::Unique { field, value } => self.holder(field, value)?,
        };
        let row = self.rows.get(id)?;
        scope.has(!row.is_live()).then(|| row.stored.clone())
    }

    fn holder(&self, field: &str, value: &Value) -> Option<&RecordId> {
        let index = self.unique.iter().find(|index| index.field.eq_ignore_ascii_case(field))?;
        index.holders.get(&value.unique_key()?)
    }

    /// Returns the records that a filter can keep, or more where no index tells.
    pub(super) fn scan(&self, rows: &Rows, filter: Option<&Filter>) -> Scan<'_> {
        let found: Option<Vec<RecordId>> = match rows {
            Rows::DeletedWith(root) => Some(self.taken_along.of(root).cloned().collect()),
            // The other indexes are over live records alone.
            Rows::Live => filter.and_then(|filter| self.candidates(filter)).map(|found| found.ids),
            _ => return Scan::Found(self.rows.all().collect()),
        };
        let Some(ids) = found else {
            return Scan::Whole(self.rows.live());
        };
        let found = ids.iter().filter_map(|id| self.rows.get(id));
        Scan::Found(found.filter(|row| row.is_of(rows)).map(|row| row.stored).collect())
    }

    /// Returns a record; one in the recycle bin only if asked for.
    pub(super) fn record(&self, id: &RecordId, rows: &Rows) -> Option<&Record> {
        let row = self.rows.get(id)?;
        (row.is_live() || *rows == Rows::All).then_some(&row.stored.record)
    }

    /// Returns the only records that can match and the field whose index tells; `None` for all.
    pub(super) fn candidates(&self, filter: &Filter) -> Option<Candidates> {
        let (field, mut ids) = match filter {
            Filter::Compare { operand, comparison: Comparison::Eq, value } => {
                let field = own(operand)?;
                (field, self.of_values(field, std::slice::from_ref(value))?)
            }
            Filter::In { operand, values } => {
                let field = own(operand)?;
                (field, self.of_values(field, values)?)
            }
            // The index that leaves the fewest.
            Filter::And(all) => {
                let found = all.iter().filter_map(|filter| self.candidates(filter));
                return found.min_by_key(|found| found.ids.len());
            }
            _ => return None,
        };
        ids.sort();
        ids.dedup();
        Some(Candidates { field: field.clone(), ids })
    }

    fn of_values(&self, field: &str, values: &[Value]) -> Option<Vec<RecordId>> {
        if field.eq_ignore_ascii_case("Id") {
            return values.iter().map(meant).collect();
        }
        let is_field = |(name, _): &&(Text, ReferenceIndex)| name.eq_ignore_ascii_case(field);
        if let Some((_, index)) = self.references.iter().find(is_field) {
            let to: Vec<RecordId> = values.iter().map(meant).collect::<Option<_>>()?;
            return Some(to.iter().flat_map(|to| index.of(to)).cloned().collect());
        }
        if let Some(index) = self.values.iter().find(|i| i.field.eq_ignore_ascii_case(field)) {
            return index.of(values);
        }
        let unique = self.unique.iter().any(|index| index.field.eq_ignore_ascii_case(field));
        let all_text =
            values.iter().all(|value| value.as_str().is_some_and(|text| !text.is_empty()));
        let holders = || values.iter().filter_map(|value| self.holder(field, value).cloned());
        (unique && all_text).then(|| holders().collect())
    }

    /// Stores a record, or puts it into the recycle bin; a declared field without a value is null.
    pub(super) fn put(&mut self, id: RecordId, mut stored: Stored, deletion: Option<Deletion>) {
        for field in self.schema.iter().flat_map(|schema| schema.fields()) {
            if stored.record.get(field.name()).is_none() {
                stored.record.set(field.name(), Value::Null);
            }
        }
        self.refer(&id, Some(Row { stored: &stored, deletion: deletion.as_ref() }));
        self.rows.insert(id, stored, deletion);
    }

    /// Removes a record for good.
    pub(super) fn remove(&mut self, id: &RecordId) {
        self.refer(id, None);
        self.rows.remove(id);
    }

    /// Brings the references of one record up to date, before it is stored or removed.
    fn refer(&mut self, id: &RecordId, new: Option<Row<'_>>) {
        let is_marked = new.is_some_and(|row| row.deletion.is_some_and(|own| own.with.is_some()));
        let none = self.references.is_empty() && self.values.is_empty();
        if none && self.taken_along.is_empty() && !is_marked {
            return;
        }
        let old = self.rows.get(id);
        for (field, index) in &mut self.references {
            change(index, id, live_value(old, field), live_value(new, field));
        }
        for index in &mut self.values {
            let field = index.field.clone();
            index.change(id, live_value(old, &field), live_value(new, &field));
        }
        let root = |row: Option<Row<'_>>| row.map_or(Value::Null, |row| row.root());
        change(&mut self.taken_along, id, &root(old), &root(new));
    }
}

/// What an index leaves to look at.
pub(super) struct Candidates {
    /// The field with the index.
    pub(super) field: Text,
    pub(super) ids: Vec<RecordId>,
}

/// Returns the name of a field of the record itself.
fn own(operand: &Operand) -> Option<&Text> {
    match operand {
        Operand::Field(path) if path.is_own() => Some(&path.field),
        _ => None,
    }
}

fn live_value<'a>(row: Option<Row<'a>>, field: &str) -> &'a Value {
    row.filter(Row::is_live).map_or(&Value::Null, |row| row.value(field))
}

fn change(index: &mut ReferenceIndex, id: &RecordId, old: &Value, new: &Value) {
    if old != new {
        index.remove(old, id);
        index.add(new, id);
    }
}

/// The keys that a record holds in a table's indexes.
pub(super) fn keys_of(table: &Table, record: &Record) -> Vec<Option<Text>> {
    let key = |index: &UniqueIndex| record.get(&index.field).and_then(Value::unique_key);
    table.unique.iter().map(key).collect()
}

#[cfg(test)]
mod tests {
    use circuit_core::{FieldSchema, FieldType, OnDelete, Version};

    use super::*;

    fn id(text: &str) -> RecordId {
        text.parse().unwrap()
    }

    fn table() -> Table {
        let parent = FieldSchema::new("ParentId", FieldType::Id);
        let parent = parent.with_reference("Node", OnDelete::Cascade);
        Table::new(Some(Arc::new(ObjectSchema::new("Node").with_field(parent))))
    }

    fn node(key: &str, parent: &str) -> Stored {
        let record = Record::new("Node").with_id(id(key)).with("ParentId", id(parent));
        Stored { record, version: Version(1) }
    }

    fn put(table: &mut Table, key: &str, parent: &str, root: Option<&str>) {
        let deletion = root.map(|root| Deletion { with: Some(id(root)) });
        table.put(id(key), node(key, parent), deletion);
    }

    fn matching(table: &Table, rows: &Rows, filter: &Filter) -> usize {
        let found = table.scan(rows, Some(filter)).all();
        found.iter().filter(|stored| filter.matches(&stored.record)).count()
    }

    fn children(table: &Table, parent: &str) -> (usize, usize) {
        let filter = Filter::is_in("parentid", [id(parent), id("nobody")]);
        let candidates = table.candidates(&filter).expect("an index answers");
        (candidates.ids.len(), matching(table, &Rows::Live, &filter))
    }

    #[test]
    fn a_query_by_a_reference_looks_at_no_other_record() {
        let mut table = table();
        for n in 0..100 {
            put(&mut table, &format!("c{n}"), &format!("p{}", n % 10), None);
        }
        assert_eq!(children(&table, "p3"), (10, 10));
        assert!(table.candidates(&Filter::eq("ParentId", Value::Null)).is_none());
    }

    #[test]
    fn an_index_follows_update_delete_undelete_and_purge() {
        let mut table = table();
        put(&mut table, "c1", "p1", None);
        put(&mut table, "c1", "p2", None);
        assert_eq!((children(&table, "p1"), children(&table, "p2")), ((0, 0), (1, 1)));
        put(&mut table, "c1", "p2", Some("p2"));
        assert_eq!(children(&table, "p2"), (0, 0));
        let along = Rows::DeletedWith(id("p2"));
        assert_eq!(table.scan(&along, None).all().len(), 1);
        assert_eq!(matching(&table, &along, &Filter::eq("ParentId", "p2")), 1);
        put(&mut table, "c1", "p2", None);
        assert_eq!((children(&table, "p2"), table.scan(&along, None).all().len()), ((1, 1), 0));
        table.remove(&id("c1"));
        assert!(table.references[0].1.is_empty() && table.taken_along.is_empty());
    }

    #[test]
    fn a_value_that_is_no_id_is_found_as_without_an_index() {
        let mut table = table();
        let mut odd = node("c1", "p1");
        odd.record.set("ParentId", "ABC");
        table.put(id("c1"), odd, None);
        assert_eq!(children(&table, "p1"), (1, 0));
        let abc = Filter::eq("ParentId", "abc");
        assert_eq!(matching(&table, &Rows::Live, &abc), 1);
        put(&mut table, "c1", "p1", None);
        assert_eq!((children(&table, "p1"), matching(&table, &Rows::Live, &abc)), ((1, 1), 0));
    }
}
