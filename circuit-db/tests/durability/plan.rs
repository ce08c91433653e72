//! What the writers do: numbered plans in lanes, and what a lane holds after its plan `n`.
//!
//! Plan `n` of a lane is one execution: it inserts `a<n>` and `b<n>`, updates `b<n-1>` and moves a
//! unique value from it, deletes `a<n-1>` with a new value, undeletes or purges `a<n-2>`, and
//! counts. So what a lane holds says which plan was the last, and whether each is there whole.

use std::collections::BTreeMap;

use circuit_core::{
    CircuitDB, CommitPlan, FetchRequest, FieldSchema, FieldType, ObjectSchema, OnDelete, Record,
    RecordId, Stored, Write, WriteKind,
};

/// The writers at once, so that the store has plans to group.
pub(crate) const LANES: usize = 6;

/// The schemas of the file; each lane's counter is an open object that its first plan makes.
pub(crate) fn schemas() -> Vec<ObjectSchema> {
    let run = ObjectSchema::new("Run")
        .with_field(FieldSchema::new("Lane", FieldType::Integer).required())
        .with_field(FieldSchema::new("Text", FieldType::Text))
        .with_field(FieldSchema::new("State", FieldType::Text))
        .with_field(FieldSchema::new("Latest", FieldType::Text).unique())
        .with_field(
            FieldSchema::new("Parent", FieldType::Id).with_reference("Run", OnDelete::Clear),
        );
    vec![run]
}

pub(crate) fn id(text: &str) -> RecordId {
    text.parse().unwrap()
}

pub(crate) fn counter(lane: usize) -> String {
    format!("Counter{lane}")
}

fn name(kind: char, lane: usize, number: u64) -> RecordId {
    id(&format!("{kind}{lane}-{number}"))
}

/// One lane's records: the state of each, and whether it is in the recycle bin.
pub(crate) type Lane = BTreeMap<String, (String, bool)>;

/// Returns what a lane holds after its plan `last`.
pub(crate) fn expected(lane: usize, last: u64) -> Lane {
    let mut all = Lane::new();
    for number in 1..=last {
        let b = if number == last { "latest" } else { "passed" };
        all.insert(name('b', lane, number).to_string(), (b.to_owned(), false));
        let a = match last - number {
            0 => ("new", false),
            1 => ("deleted", true),
            _ if number.is_multiple_of(2) => ("back", false),
            _ => continue,
        };
        all.insert(name('a', lane, number).to_string(), (a.0.to_owned(), a.1));
    }
    all
}

/// Returns a record by id, from the records or the recycle bin.
pub(crate) async fn find(
    store: &impl CircuitDB,
    object: &str,
    id: RecordId,
    deleted: bool,
) -> Option<Stored> {
    let mut request = FetchRequest::by_id(object, [id]);
    if deleted {
        request = request.in_recycle_bin();
    }
    store.fetch(&request).await.unwrap().pop().flatten()
}

fn insert(record: Record) -> Write {
    Write::new(WriteKind::Insert, record.id().unwrap().clone(), record)
}

fn change(kind: WriteKind, old: Stored, state: &str) -> Write {
    let new = old.record.clone().with("State", state);
    Write::new(kind, old.record.id().unwrap().clone(), new).with_base(old.record, old.version)
}

fn new(lane: usize, number: u64, kind: char, state: &str) -> Record {
    // Long enough for several checkpoints of the write-ahead log.
    let text = "x".repeat(600);
    let record = Record::new("Run").with_id(name(kind, lane, number)).with("State", state);
    record.with("Lane", i64::try_from(lane).unwrap()).with("Text", text)
}

/// Returns plan `number` of a lane, on the versions that the store has.
pub(crate) async fn plan(store: &impl CircuitDB, lane: usize, number: u64) -> CommitPlan {
    let latest = format!("latest of {lane}");
    let b = new(lane, number, 'b', "latest").with("Latest", latest.as_str());
    let a = new(lane, number, 'a', "new").with("Parent", name('b', lane, number));
    let mut writes = vec![insert(b), insert(a)];
    if number > 1 {
        let b = find(store, "Run", name('b', lane, number - 1), false).await.unwrap();
        let mut b = change(WriteKind::Update, b, "passed");
        b.record.set("Latest", circuit_core::Value::Null);
        writes.push(b);
        let a = find(store, "Run", name('a', lane, number - 1), false).await.unwrap();
        writes.push(change(WriteKind::Delete, a, "deleted"));
    }
    if number > 2 {
        let a = find(store, "Run", name('a', lane, number - 2), true).await.unwrap();
        let (kind, state) = if number.is_multiple_of(2) {
            (WriteKind::Undelete, "back")
        } else {
            (WriteKind::Purge, "purged")
        };
        writes.push(change(kind, a, state));
    }
    writes.push(count(store, lane, number).await);
    CommitPlan::new(writes)
}

async fn count(store: &impl CircuitDB, lane: usize, number: u64) -> Write {
    let object = counter(lane);
    let new = Record::new(object.as_str()).with_id(id("counter"));
    let new = new.with("Number", i64::try_from(number).unwrap());
    match find(store, &object, id("counter"), false).await {
        None => insert(new),
        Some(old) => {
            Write::new(WriteKind::Update, id("counter"), new).with_base(old.record, old.version)
        }
    }
}

/// Returns a plan that is refused at its last write, with a first one that must never be seen.
pub(crate) fn refused(lane: usize, number: u64) -> CommitPlan {
    let never = Record::new("Never").with_id(name('n', lane, number));
    let twice = format!("twice in {lane}");
    let of = |kind| insert(new(lane, number, kind, "never").with("Latest", twice.as_str()));
    CommitPlan::new(vec![insert(never), of('m'), of('n')])
}
