//! What the claims share: schemas, short writes and reads, comparisons that tell what they saw.

use std::sync::Arc;

use circuit_core::{
    CircuitDB, CommitOutcome, CommitPlan, FetchKey, FetchRequest, FieldSchema, FieldType, Filter,
    ObjectSchema, Query, Record, RecordId, Stored, Value, Version, Write, WriteKind,
};

use super::{Broken, Shown};

/// Returns early if two things differ.
macro_rules! same {
    ($left:expr, $right:expr) => {
        match (&$left, &$right) {
            (left, right) if left == right => {}
            (left, right) => {
                return Err($crate::conformance::support::differ(
                    line!(),
                    &format!("{left:?}"),
                    &format!("{right:?}"),
                ));
            }
        }
    };
}
pub(crate) use same;

/// The schemas with which a store is opened: `Typed` has a field of each type, `Open` none.
pub fn schemas() -> Vec<ObjectSchema> {
    let of = FieldSchema::new;
    vec![
        ObjectSchema::new("Typed")
            .with_field(of("Flag", FieldType::Boolean))
            .with_field(of("Whole", FieldType::Integer))
            .with_field(of("Exact", FieldType::Decimal))
            .with_field(of("Name", FieldType::Text))
            .with_field(of("Day", FieldType::Date))
            .with_field(of("Moment", FieldType::DateTime))
            .with_field(of("Hour", FieldType::Time))
            .with_field(of("Parent", FieldType::Id))
            .with_field(of("Colours", FieldType::MultiPicklist))
            .with_field(of("Tree", FieldType::Json)),
        ObjectSchema::new("Member")
            .with_field(of("Email", FieldType::Text).unique())
            .with_field(of("Number", FieldType::Integer).external_id())
            .with_field(of("Name", FieldType::Text)),
    ]
}

pub(super) type Db = Arc<dyn CircuitDB>;

pub(super) fn differ(line: u32, left: &str, right: &str) -> Broken {
    Broken(format!("line {line}: {left} is not {right}"))
}

pub(super) fn id(text: &str) -> RecordId {
    text.parse().expect("the claims name valid ids")
}

/// A record with an id.
pub(super) fn record(object: &str, text: &str) -> Record {
    Record::new(object).with_id(id(text))
}

pub(super) fn insert(record: Record) -> Write {
    let id = record.id().cloned().expect("the claims give ids");
    Write::new(WriteKind::Insert, id, record)
}

/// A write of a stored record.
pub(super) fn change(kind: WriteKind, stored: &Stored, record: Record) -> Write {
    let id = stored.record.id().cloned().expect("stored records have ids");
    Write::new(kind, id, record).with_base(stored.record.clone(), stored.version)
}

pub(super) async fn commit(db: &Db, writes: Vec<Write>) -> Result<CommitOutcome, Broken> {
    Ok(db.commit(CommitPlan::new(writes)).await?)
}

/// Commits writes that must be taken.
pub(super) async fn store(db: &Db, writes: Vec<Write>) -> Shown {
    match commit(db, writes).await? {
        CommitOutcome::Committed { .. } => Ok(()),
        other => Err(Broken(format!("the plan was not stored: {other:?}"))),
    }
}

/// Inserts records.
pub(super) async fn fill(db: &Db, records: impl IntoIterator<Item = Record>) -> Shown {
    store(db, records.into_iter().map(insert).collect()).await
}

pub(super) async fn get(db: &Db, object: &str, text: &str) -> Result<Option<Stored>, Broken> {
    let request = FetchRequest::by_id(object, [id(text)]);
    Ok(db.fetch(&request).await?.pop().flatten())
}

/// Returns a record that must be there.
pub(super) async fn present(db: &Db, object: &str, text: &str) -> Result<Stored, Broken> {
    let found = get(db, object, text).await?;
    found.ok_or_else(|| Broken(format!("{object} {text} is not there")))
}

pub(super) async fn by_key(db: &Db, field: &str, value: Value) -> Result<Option<Stored>, Broken> {
    let key = FetchKey::Unique { field: field.into(), value };
    Ok(db.fetch(&FetchRequest::by_keys("Member", vec![key])).await?.pop().flatten())
}

/// Returns the ids that a query finds, in its order.
pub(super) async fn ids(db: &Db, query: Query) -> Result<Vec<String>, Broken> {
    let found = db.query(&query).await?.records;
    Ok(found.iter().filter_map(|stored| stored.record.id()).map(ToString::to_string).collect())
}

/// Returns the ids that a filter keeps, in the order of the ids.
pub(super) async fn kept(db: &Db, object: &str, filter: Filter) -> Result<Vec<String>, Broken> {
    ids(db, Query::from(object).filter(filter)).await
}

pub(super) async fn version(db: &Db, object: &str, text: &str) -> Result<Version, Broken> {
    Ok(present(db, object, text).await?.version)
}
