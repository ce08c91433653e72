//! The memory store beside closures over the same records.

use circuit_benches::measure::{in_turns, pass};
use circuit_core::{CircuitDB, FetchKey, FetchRequest, Filter, Query, Record, Value};
use circuit_db::{Memory, MemoryBuilder};

use super::{Result, data, show};

/// How often each takes its turn.
const PASSES: usize = 51;

/// How often a hit is repeated for one measurement.
const TIMES: u32 = 1_000;

pub(crate) fn run() -> Result {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let store = data::schemas().into_iter().fold(Memory::builder(), MemoryBuilder::schema);
    let store = store.build()?;
    runtime.block_on(data::fill(&store))?;
    let all = runtime.block_on(store.query(&Query::of("Contact")))?.records;
    let records: Vec<Record> = all.into_iter().map(|stored| stored.record).collect();
    let ask = |query: &Query| runtime.block_on(store.query(query)).map(|answer| answer.count);

    let filter = Filter::greater("Score", 90).and(Filter::eq("Stage", "won"));
    let query = Query::of("Contact").filter(filter).count();
    let shape = records[0].shape();
    let slots = (shape.slot("Score").unwrap_or(0), shape.slot("Stage").unwrap_or(0));
    let keeps = |record: &&Record| {
        record.get_slot(slots.0).and_then(Value::as_i64).is_some_and(|score| score > 90)
            && record
                .get_slot(slots.1)
                .and_then(Value::as_str)
                .is_some_and(|stage| stage.eq_ignore_ascii_case("won"))
    };
    let boxed: Box<dyn Fn(&&Record) -> bool> = Box::new(keeps);
    let peers: [&mut dyn FnMut() -> f64; 3] = [
        &mut || pass(1, || ask(&query)),
        &mut || pass(1, || records.iter().filter(|record| boxed(record)).count()),
        &mut || pass(1, || records.iter().filter(keeps).count()),
    ];
    let [circuit, boxed, inlined] = in_turns(PASSES, peers);
    show("memory: two conditions", ask(&query)?, circuit, boxed);
    show("  a closure known to the compiler", ask(&query)?, circuit, inlined);

    let query = Query::of("Contact").filter(Filter::greater("Score", 90));
    let scores = |record: &&Record| {
        record.get_slot(slots.0).and_then(Value::as_i64).is_some_and(|score| score > 90)
    };
    let by_hand = || {
        let mut found: Vec<Record> = records.iter().filter(scores).cloned().collect();
        found.sort_by(|a, b| a.id().cmp(&b.id()));
        found
    };
    let peers: [&mut dyn FnMut() -> f64; 2] =
        [&mut || pass(1, || runtime.block_on(store.query(&query))), &mut || pass(1, by_hand)];
    let [circuit, hand] = in_turns(PASSES, peers);
    show("memory: whole records by id", ask(&query)?, circuit, hand);

    let query = Query::of("Contact").filter(Filter::eq("Email", "person77@EXAMPLE.com"));
    let [hit] = in_turns(7, [&mut || pass(TIMES, || ask(&query))]);
    println!("memory: unique index, query          {:>10.2} us (goal 3)", hit / 1e3);
    let key = FetchKey::Unique { field: "Email".into(), value: "person77@EXAMPLE.com".into() };
    let request = FetchRequest::by_keys("Contact", vec![key]);
    let [hit] = in_turns(7, [&mut || pass(TIMES, || runtime.block_on(store.fetch(&request)))]);
    println!("memory: unique index, fetch          {:>10.2} us (goal 3)", hit / 1e3);
    Ok(())
}
