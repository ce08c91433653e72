//! Memory, SQLite and PostgreSQL answer alike: random plans, random queries.

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, NaiveDate, NaiveTime};
use circuit_core::{
    CircuitDB, CommitOutcome, CommitPlan, FetchRequest, FieldSchema, FieldType, Filter,
    MultiPicklist, ObjectSchema, OnDelete, OrderBy, Query, Record, RecordId, Value, Write,
    WriteKind,
};
use circuit_db::{Memory, Sqlite, Synchronous};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use rust_decimal::Decimal;

use crate::postgres;

/// The fields of both objects: `Deal` declares them, `Loose` has no schema.
const FIELDS: [(&str, FieldType); 10] = [
    ("Name", FieldType::Text),
    ("Code", FieldType::Text),
    ("Whole", FieldType::Integer),
    ("Exact", FieldType::Decimal),
    ("Flag", FieldType::Boolean),
    ("Day", FieldType::Date),
    ("Moment", FieldType::DateTime),
    ("Hour", FieldType::Time),
    ("Parent", FieldType::Id),
    ("Tags", FieldType::MultiPicklist),
];

const OBJECTS: [&str; 2] = ["Deal", "Loose"];

/// The records that plans write and that references name, one of them in Salesforce's two forms.
const IDS: [&str; 6] = ["r1", "r2", "r3", "R1", "001D000000IRFma", "001D000000IRFmaIAH"];

fn schema() -> ObjectSchema {
    FIELDS.iter().fold(ObjectSchema::new("Deal"), |schema, (name, field_type)| {
        let field = FieldSchema::new(*name, *field_type);
        schema.with_field(match *name {
            "Code" => field.unique(),
            "Parent" => field.with_reference("Deal", OnDelete::Clear),
            _ => field,
        })
    })
}

fn text() -> impl Strategy<Value = String> {
    let ascii = ["", "a", "A", "ab", "%", "a_b", "z", "r1", "a;b", "\\", "\\%"];
    let others = ["\u{c4}", "\u{e4}", "\u{130}", "i\u{307}", "\u{3a3}", "\u{1f600}"];
    prop::sample::select([ascii.as_slice(), &others].concat()).prop_map(String::from)
}

fn id() -> impl Strategy<Value = RecordId> {
    prop::sample::select(IDS.to_vec()).prop_map(|text| text.parse().unwrap())
}

/// A value of a type, of few, so that they meet.
fn of_type(field_type: FieldType) -> BoxedStrategy<Value> {
    match field_type {
        FieldType::Text => text().prop_map(Value::from).boxed(),
        FieldType::Integer => (-2_i64..3).prop_map(Value::from).boxed(),
        FieldType::Decimal => (-20_i64..30, 0_u32..2)
            .prop_map(|(n, scale)| Value::Decimal(Decimal::new(n, scale)))
            .boxed(),
        FieldType::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        FieldType::Date => (-1_i32..3)
            .prop_map(|day| {
                Value::Date(NaiveDate::from_num_days_from_ce_opt(739_000 + day).unwrap())
            })
            .boxed(),
        FieldType::DateTime => (-1_i64..2, 0_u32..3)
            .prop_map(|(at, nanos)| Value::DateTime(DateTime::from_timestamp(at, nanos).unwrap()))
            .boxed(),
        FieldType::Time => (0_u32..3, 0_u32..2)
            .prop_map(|(at, n)| NaiveTime::from_num_seconds_from_midnight_opt(at, n).unwrap())
            .prop_map(Value::Time)
            .boxed(),
        FieldType::Id => id().prop_map(Value::Id).boxed(),
        _ => text().prop_map(|t| Value::MultiPicklist(MultiPicklist::from(t.as_str()))).boxed(),
    }
}

/// A value of any of the types.
fn value() -> impl Strategy<Value = Value> {
    let types = FIELDS.map(|(_, field_type)| of_type(field_type));
    prop_oneof![1 => Just(Value::Null), 8 => prop::strategy::Union::new(types)]
}

/// The fields that a write sets: to a value, to null, or not at all.
type Values = Vec<Option<Value>>;

fn values() -> impl Strategy<Value = Values> {
    let fields = FIELDS.map(|(_, field_type)| {
        let some = of_type(field_type).prop_map(Some);
        prop_oneof![3 => some, 1 => Just(Some(Value::Null)), 2 => Just(None)].boxed()
    });
    fields.to_vec()
}

/// What a plan does to one record.
#[derive(Debug, Clone)]
struct Step {
    object: &'static str,
    id: RecordId,
    kind: WriteKind,
    values: Values,
    root: Option<RecordId>,
    /// What is wrong with the write, mostly nothing.
    fault: u8,
}

fn step() -> impl Strategy<Value = Step> {
    use WriteKind::{Delete, Insert, Purge, Undelete, Update};

    let kind = prop::sample::select(vec![Insert, Update, Update, Delete, Delete, Undelete, Purge]);
    let object = prop::sample::select(OBJECTS.to_vec());
    (object, id(), kind, values(), prop::option::of(id()), 0_u8..60).prop_map(
        |(object, id, kind, values, root, fault)| Step { object, id, kind, values, root, fault },
    )
}

impl Step {
    /// What can be done to a record as it is; else most plans would be conflicts.
    fn fitting(&self, is_live: bool, is_deleted: bool) -> WriteKind {
        use WriteKind::{Delete, Insert, Purge, Undelete, Update};

        match self.kind {
            kind if self.fault == 0 => kind,
            _ if !is_live && !is_deleted => Insert,
            Purge => Purge,
            Delete if is_live => Delete,
            _ if is_live => Update,
            _ => Undelete,
        }
    }
}

/// The write of a step, on the version that this store has.
async fn write(store: &dyn CircuitDB, step: &Step) -> Write {
    let find = FetchRequest::by_id(step.object, [step.id.clone()]);
    let live = store.fetch(&find).await.unwrap().pop().flatten();
    let bin = store.fetch(&find.in_recycle_bin()).await.unwrap().pop().flatten();
    let kind = step.fitting(live.is_some(), bin.is_some());
    let old = live.or(bin).filter(|_| kind != WriteKind::Insert);
    let fresh = || Record::new(step.object).with_id(step.id.clone());
    let record = old.as_ref().map_or_else(fresh, |old| old.record.clone());
    let set = FIELDS.iter().zip(&step.values);
    let record = set.fold(record, |record, ((field, _), value)| match value {
        Some(value) => record.with(*field, value.clone()),
        None => record,
    });
    let mut write = Write::new(kind, step.id.clone(), record);
    if kind == WriteKind::Delete {
        write.deleted_with = step.root.clone().map(Box::new);
    }
    match old {
        Some(mut old) if step.fault != 1 => {
            old.version.0 += u64::from(step.fault == 2);
            write.with_base(old.record, old.version)
        }
        _ => write,
    }
}

/// Commits the steps and tells what became of them. SQLite stops at a record's first problem, so
/// only the first record at fault is compared.
async fn commit(store: &dyn CircuitDB, steps: &[Step]) -> String {
    let mut writes: Vec<Write> = Vec::new();
    for step in steps {
        let same = |write: &Write| write.id == step.id && *write.record.object() == *step.object;
        if !writes.iter().any(same) {
            writes.push(write(store, step).await);
        }
    }
    match store.commit(CommitPlan::new(writes)).await.unwrap() {
        CommitOutcome::Committed { .. } => "stored".to_owned(),
        CommitOutcome::Conflict { write } => format!("conflict at {write}"),
        CommitOutcome::Refused(problems) => {
            let first = problems.iter().map(|problem| problem.write).min();
            format!("refused at {first:?}")
        }
        other => format!("{other:?}"),
    }
}

fn filter() -> impl Strategy<Value = Filter> {
    let leaf = prop_oneof![
        (field(), value(), 0..6).prop_map(|(field, value, kind)| match kind {
            0 => Filter::eq(field, value),
            1 => Filter::ne(field, value),
            2 => Filter::less(field, value),
            3 => Filter::at_most(field, value),
            4 => Filter::greater(field, value),
            _ => Filter::at_least(field, value),
        }),
        (field(), vec(value(), 0..4)).prop_map(|(field, values)| Filter::is_in(field, values)),
        (field(), text()).prop_map(|(field, pattern)| Filter::like(field, pattern)),
        // What the indexes answer.
        id().prop_map(|id| Filter::eq("Parent", id)),
        vec(id(), 0..3).prop_map(|ids| Filter::is_in("Parent", ids)),
        text().prop_map(|text| Filter::eq("Code", text)),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Filter::And),
            vec(inner.clone(), 0..3).prop_map(Filter::Or),
            inner.prop_map(Filter::negated),
        ]
    })
}

fn field() -> impl Strategy<Value = &'static str> {
    let names: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).chain(["Id"]).collect();
    prop::sample::select(names)
}

fn query() -> impl Strategy<Value = Query> {
    let order = vec((field(), any::<bool>(), any::<bool>()), 0..3);
    let page = (prop::option::of(0_usize..6), 0_usize..3, any::<bool>());
    let object = prop::sample::select(OBJECTS.to_vec());
    let root = prop_oneof![3 => Just(None), 1 => id().prop_map(Some)];
    (object, root, prop::option::of(filter()), order, page).prop_map(
        |(object, root, filter, order, (limit, offset, count))| {
            let mut query = Query::of(object).offset(offset);
            if let Some(root) = root {
                query = query.deleted_with(&root);
            }
            (query.filter, query.limit) = (filter, limit);
            if count {
                query = query.count();
            }
            order.into_iter().fold(query, |query, (field, up, last)| {
                let key = if up { OrderBy::ascending(field) } else { OrderBy::descending(field) };
                query.order_by(if last { key.nulls_last() } else { key })
            })
        },
    )
}

async fn answer(store: &dyn CircuitDB, query: &Query) -> (usize, Vec<Record>) {
    let answer = store.query(query).await.unwrap();
    (answer.count, answer.records.into_iter().map(|stored| stored.record).collect())
}

/// Everything that a store has, live and in the recycle bin.
async fn everything(store: &dyn CircuitDB) -> Vec<Option<Record>> {
    let mut all = Vec::new();
    for object in OBJECTS {
        for deleted in [false, true] {
            let mut request = FetchRequest::by_id(object, IDS.map(|id| id.parse().unwrap()));
            if deleted {
                request = request.in_recycle_bin();
            }
            let found = store.fetch(&request).await.unwrap();
            all.extend(found.into_iter().map(|stored| stored.map(|stored| stored.record)));
        }
    }
    all
}

/// Empties a store: a new one for each case would mostly be spent on making tables.
async fn empty(store: &dyn CircuitDB) {
    let mut writes = Vec::new();
    for (object, ids) in OBJECTS.map(|object| (object, IDS)) {
        let all = FetchRequest::by_id(object, ids.map(|id| id.parse().unwrap())).anywhere();
        for found in store.fetch(&all).await.unwrap().into_iter().flatten() {
            let id = found.record.id().unwrap().clone();
            let is_new = |write: &Write| write.id != id || *write.record.object() != *object;
            if writes.iter().all(is_new) {
                writes.push(Write::new(WriteKind::Purge, id, found.record));
            }
        }
    }
    let outcome = store.commit(CommitPlan::new(writes)).await.unwrap();
    assert!(matches!(outcome, CommitOutcome::Committed { .. }), "{outcome:?}");
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn the_three_stores_answer_alike() {
    let runtime = runtime();
    let postgres = runtime.block_on(postgres::open(vec![schema()]));
    let cases = (vec(vec(step(), 1..5), 1..12), vec(query(), 1..12));
    let mut runner = TestRunner::new(ProptestConfig::with_cases(96));
    let folder = tempfile::tempdir().unwrap();
    let number = AtomicU32::new(0);
    let result = runner.run(&cases, |(plans, queries)| {
        runtime.block_on(async {
            let memory = Memory::builder().schema(schema()).build().unwrap();
            let sqlite = Sqlite::builder().schema(schema()).synchronous(Synchronous::Normal);
            let file = format!("{}.db", number.fetch_add(1, Ordering::Relaxed));
            let sqlite = sqlite.open(folder.path().join(file)).await.unwrap();
            empty(&postgres).await;
            let others: [(&str, &dyn CircuitDB); 2] =
                [("SQLite", &sqlite), ("PostgreSQL", &postgres)];
            for plan in &plans {
                let outcome = commit(&memory, plan).await;
                let stored = everything(&memory).await;
                for (name, other) in others {
                    prop_assert_eq!(&outcome, &commit(other, plan).await, "{} {:?}", name, plan);
                    prop_assert_eq!(&stored, &everything(other).await, "{} {:?}", name, plan);
                }
            }
            for query in &queries {
                let found = answer(&memory, query).await;
                for (name, other) in others {
                    prop_assert_eq!(&found, &answer(other, query).await, "{} {:?}", name, query);
                }
            }
            Ok(())
        })
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}
