//! The memory store beside closures over the same records.

use circuit_benches::measure::least;
use circuit_core::{CircuitDB, FetchKey, FetchRequest, Filter, Query, Record, Value};
use circuit_db::{Memory, MemoryBuilder};

use super::{Result, data, show};

/// How often a hit is repeated for one measurement.
const TIMES: u32 = 1_000;

pub(crate) fn run() -> Result {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let store = data::schemas().into_iter().fold(Memory::builder(), MemoryBuilder::schema);
    let store = store.build()?;
    runtime.block_on(data::fill(&store))?;
    let all = runtime.block_on(store.query(&Query::of("Contact")))?.records;
    let records: Vec<Record> = all.into_iter().map(|stored| stored.record).collect();
    let ask = |query: &Query| runtime.block_on(store.query(query)).map(|answer| answer.count);

    let filter = Filter::greater("Score", 90).and(Filter::eq("Stage", "won"));
    let query = Query::of("Contact").filter(filter).count();
    let circuit = least(7, || (), |()| ask(&query));
    let shape = records[0].shape();
    let slots = (shape.slot("Score").unwrap_or(0), shape.slot("Stage").unwrap_or(0));
    let keeps = |record: &&Record| {
        record.get_slot(slots.0).and_then(Value::as_i64).is_some_and(|score| score > 90)
            && record
                .get_slot(slots.1)
                .and_then(Value::as_str)
                .is_some_and(|stage| stage.eq_ignore_ascii_case("won"))
    };
    let hand = least(7, || (), |()| records.iter().filter(keeps).count());
    show("memory: two conditions", ask(&query)?, circuit, hand);

    let query = Query::of("Contact").filter(Filter::greater("Score", 90));
    let circuit = least(7, || (), |()| runtime.block_on(store.query(&query)));
    let scores = |record: &&Record| {
        record.get_slot(slots.0).and_then(Value::as_i64).is_some_and(|score| score > 90)
    };
    let hand = least(
        7,
        || (),
        |()| {
            let mut found: Vec<Record> = records.iter().filter(scores).cloned().collect();
            found.sort_by(|a, b| a.id().cmp(&b.id()));
            found
        },
    );
    show("memory: whole records by id", ask(&query)?, circuit, hand);

    let query = Query::of("Contact").filter(Filter::eq("Email", "person77@EXAMPLE.com"));
    let hit = least(
        7,
        || (),
        |()| {
            for _ in 0..TIMES {
                drop(std::hint::black_box(ask(&query)));
            }
        },
    );
    println!(
        "memory: unique index, query          {:>10.2} us (goal 3)",
        hit / f64::from(TIMES) / 1e3
    );
    let key = FetchKey::Unique { field: "Email".into(), value: "person77@EXAMPLE.com".into() };
    let request = FetchRequest::by_keys("Contact", vec![key]);
    let hit = least(
        7,
        || (),
        |()| {
            for _ in 0..TIMES {
                drop(std::hint::black_box(runtime.block_on(store.fetch(&request))));
            }
        },
    );
    println!(
        "memory: unique index, fetch          {:>10.2} us (goal 3)",
        hit / f64::from(TIMES) / 1e3
    );
    Ok(())
}
