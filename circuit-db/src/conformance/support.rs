//! What the claims share: schemas, short writes and reads, comparisons that tell what they saw.

use circuit_core::{
    CommitOutcome, FetchKey, FetchRequest, FieldSchema, FieldType, Filter, ObjectSchema, OnDelete,
    Query, Record, RecordId, StatusCode, Stored, Value, Version, Write, WriteKind,
};

use super::db::Db;
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
    let mut all = vec![
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
            .with_field(of("Number", FieldType::Integer).external_id().unique())
            .with_field(of("Name", FieldType::Text))
            .with_field(of("BossId", FieldType::Id).with_reference("Member", OnDelete::Clear)),
    ];
    all.extend(super::people::schemas());
    all
}

pub(super) fn differ(line: u32, left: &str, right: &str) -> Broken {
    Broken(format!("line {line}: {left} is not {right}"))
}

pub(super) fn id(text: &str) -> RecordId {
    text.parse().expect("the claims name valid ids")
}

/// A new record with the name that the claim gives it; [`Db`] tells what that is to the store.
pub(super) fn record(object: &str, name: &str) -> Record {
    Record::new(object).with_id(id(name))
}

pub(super) fn insert(record: Record) -> Write {
    let id = record.id().cloned().expect("the claims give names");
    Write::new(WriteKind::Insert, id, record)
}

/// A write of a stored record.
pub(super) fn change(kind: WriteKind, stored: &Stored, record: Record) -> Write {
    let id = stored.record.id().cloned().expect("stored records have ids");
    Write::new(kind, id, record).with_base(stored.record.clone(), stored.version)
}

/// A write that leaves a stored record's values as they are.
pub(super) fn keep(kind: WriteKind, stored: &Stored) -> Write {
    change(kind, stored, stored.record.clone())
}

/// Stores a record and changes it, and returns a write on the version that it had before.
pub(super) async fn stale(db: &Db, object: &str, name: &str) -> Result<Write, Broken> {
    fill(db, [record(object, name).with("Whole", 1)]).await?;
    let old = present(db, object, name).await?;
    store(db, vec![change(WriteKind::Update, &old, old.record.clone().with("Whole", 2))]).await?;
    Ok(change(WriteKind::Update, &old, old.record.clone().with("Whole", 3)))
}

/// Commits writes that must be taken.
pub(super) async fn store(db: &Db, writes: Vec<Write>) -> Shown {
    match db.commit(writes).await? {
        CommitOutcome::Committed { .. } => Ok(()),
        other => Err(Broken(format!("the plan was not stored: {other:?}"))),
    }
}

/// Checks that a plan is a conflict at a write.
pub(super) async fn conflicts(db: &Db, writes: Vec<Write>, at: usize) -> Shown {
    match db.commit(writes).await? {
        CommitOutcome::Conflict { write } if write == at => Ok(()),
        other => Err(Broken(format!("no conflict at write {at}: {other:?}"))),
    }
}

/// Checks that a plan is refused because the value of a field is taken.
pub(super) async fn refused(db: &Db, writes: Vec<Write>, at: usize, field: &str) -> Shown {
    match db.commit(writes).await? {
        CommitOutcome::Refused(problems) => {
            let seen: Vec<_> = problems
                .iter()
                .map(|problem| (problem.write, problem.status, problem.field.as_deref()))
                .collect();
            same!(seen, [(at, StatusCode::DuplicateValue, Some(field))]);
            Ok(())
        }
        other => Err(Broken(format!("not refused: {other:?}"))),
    }
}

/// Inserts records.
pub(super) async fn fill(db: &Db, records: impl IntoIterator<Item = Record>) -> Shown {
    store(db, records.into_iter().map(insert).collect()).await
}

pub(super) async fn get(db: &Db, object: &str, name: &str) -> Result<Option<Stored>, Broken> {
    let request = FetchRequest::by_id(object, [db.id(object, name)]);
    Ok(db.fetch(&request).await?.pop().flatten())
}

/// Returns a record that must be there.
pub(super) async fn present(db: &Db, object: &str, name: &str) -> Result<Stored, Broken> {
    let found = get(db, object, name).await?;
    found.ok_or_else(|| Broken(format!("{object} {name} is not there")))
}

pub(super) async fn in_bin(db: &Db, object: &str, name: &str) -> Result<Option<Stored>, Broken> {
    let request = FetchRequest::by_id(object, [db.id(object, name)]).in_recycle_bin();
    Ok(db.fetch(&request).await?.pop().flatten())
}

/// Deletes a record.
pub(super) async fn delete(db: &Db, object: &str, name: &str) -> Shown {
    let old = present(db, object, name).await?;
    store(db, vec![keep(WriteKind::Delete, &old)]).await
}

/// Deletes a record and returns it as the recycle bin has it.
pub(super) async fn deleted(db: &Db, object: &str, name: &str) -> Result<Stored, Broken> {
    delete(db, object, name).await?;
    let found = in_bin(db, object, name).await?;
    found.ok_or_else(|| Broken(format!("{object} {name} is not in the recycle bin")))
}

pub(super) async fn by_key(db: &Db, field: &str, value: Value) -> Result<Option<Stored>, Broken> {
    let key = FetchKey::Unique { field: field.into(), value };
    Ok(db.fetch(&FetchRequest::by_keys("Member", vec![key])).await?.pop().flatten())
}

/// Returns the names of the records that a query finds, in its order.
pub(super) async fn names_of(db: &Db, query: Query) -> Result<Vec<String>, Broken> {
    let found = db.query(&query).await?.records;
    let ids = found.iter().filter_map(|stored| stored.record.id());
    Ok(ids.map(|id| db.name(&query.object, id)).collect())
}

/// Returns the names of the records that a filter keeps, sorted: where the store gives the ids,
/// their order is its own.
pub(super) async fn kept(db: &Db, object: &str, filter: Filter) -> Result<Vec<String>, Broken> {
    let mut names = names_of(db, Query::of(object).filter(filter)).await?;
    names.sort();
    Ok(names)
}

/// Returns the names of all records of an object, sorted.
pub(super) async fn all(db: &Db, object: &str) -> Result<Vec<String>, Broken> {
    kept(db, object, Filter::And(Vec::new())).await
}

pub(super) async fn count(db: &Db, query: Query) -> Result<usize, Broken> {
    Ok(db.query(&query.count()).await?.count)
}

pub(super) async fn version(db: &Db, object: &str, name: &str) -> Result<Version, Broken> {
    Ok(present(db, object, name).await?.version)
}
