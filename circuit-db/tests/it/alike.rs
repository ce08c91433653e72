//! Memory and SQLite answer alike: random records, random queries.

use circuit_core::{
    CircuitDB, CommitPlan, FieldSchema, FieldType, Filter, ObjectSchema, OrderBy, Query, Record,
    Value, Write, WriteKind,
};
use circuit_db::{Memory, Sqlite};
use proptest::collection::vec;
use proptest::prelude::*;

fn schema() -> ObjectSchema {
    ObjectSchema::new("Deal")
        .with_field(FieldSchema::new("Name", FieldType::Text))
        .with_field(FieldSchema::new("Whole", FieldType::Integer))
        .with_field(FieldSchema::new("Exact", FieldType::Decimal))
        .with_field(FieldSchema::new("Flag", FieldType::Boolean))
}

const FIELDS: [&str; 5] = ["Name", "Whole", "Exact", "Flag", "Id"];

fn text() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["", "a", "A", "ab", "Ä", "ä", "%", "a_b", "z"]).prop_map(String::from)
}

/// A value of any of the types, few enough that they meet.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        text().prop_map(Value::from),
        (-2_i64..3).prop_map(Value::from),
        (-20_i64..30, 0_u32..2)
            .prop_map(|(n, scale)| Value::Decimal(rust_decimal::Decimal::new(n, scale))),
        any::<bool>().prop_map(Value::from),
        prop::sample::select(vec!["r1", "r3", "none"]).prop_map(Value::from),
    ]
}

/// A value that the field can hold.
fn held(field: &'static str) -> BoxedStrategy<Option<Value>> {
    let some = match field {
        "Name" => text().prop_map(Value::from).boxed(),
        "Whole" => (-2_i64..3).prop_map(Value::from).boxed(),
        "Exact" => (-20_i64..30, 0_u32..2)
            .prop_map(|(n, scale)| Value::Decimal(rust_decimal::Decimal::new(n, scale)))
            .boxed(),
        _ => any::<bool>().prop_map(Value::from).boxed(),
    };
    prop_oneof![3 => some.prop_map(Some), 1 => Just(Some(Value::Null)), 1 => Just(None)].boxed()
}

fn record() -> impl Strategy<Value = [Option<Value>; 4]> {
    [held("Name"), held("Whole"), held("Exact"), held("Flag")]
}

fn filter() -> impl Strategy<Value = Filter> {
    let field = || prop::sample::select(FIELDS.to_vec());
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
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Filter::And),
            vec(inner.clone(), 0..3).prop_map(Filter::Or),
            inner.prop_map(Filter::negated),
        ]
    })
}

fn query() -> impl Strategy<Value = Query> {
    let order = vec((prop::sample::select(FIELDS.to_vec()), any::<bool>(), any::<bool>()), 0..3);
    (prop::option::of(filter()), order, prop::option::of(0_usize..6), 0_usize..3, any::<bool>())
        .prop_map(|(filter, order, limit, offset, count)| {
            let mut query = Query::from("Deal").offset(offset);
            query.filter = filter;
            query.limit = limit;
            query.count = count;
            order.into_iter().fold(query, |query, (field, up, last)| {
                let key = if up { OrderBy::ascending(field) } else { OrderBy::descending(field) };
                query.order_by(if last { key.nulls_last() } else { key })
            })
        })
}

fn plan(records: &[[Option<Value>; 4]]) -> CommitPlan {
    let write = |(number, values): (usize, &[Option<Value>; 4])| {
        let id: circuit_core::RecordId = format!("r{number}").parse().unwrap();
        let set =
            FIELDS.iter().zip(values).filter_map(|(field, value)| Some((field, value.clone()?)));
        let record = set.fold(Record::new("Deal").with_id(id.clone()), |r, (f, v)| r.with(f, v));
        Write::new(WriteKind::Insert, id, record)
    };
    CommitPlan::new(records.iter().enumerate().map(write).collect())
}

async fn answer(store: &dyn CircuitDB, query: &Query) -> (usize, Vec<Record>) {
    let answer = store.query(query).await.unwrap();
    (answer.count, answer.records.into_iter().map(|stored| stored.record).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn both_stores_answer_alike(records in vec(record(), 0..8), queries in vec(query(), 1..12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        runtime.block_on(async {
            let memory = Memory::builder().schema(schema()).build().unwrap();
            let sqlite = Sqlite::builder().schema(schema()).open(folder.path().join("a.db")).await.unwrap();
            memory.commit(plan(&records)).await.unwrap();
            sqlite.commit(plan(&records)).await.unwrap();
            for query in &queries {
                prop_assert_eq!(answer(&memory, query).await, answer(&sqlite, query).await, "{:?}", query);
            }
            Ok(())
        })?;
    }
}
