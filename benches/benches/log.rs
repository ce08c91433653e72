//! What a log entry costs: with two fields to a memory sink, filtered off, and beside a plain struct
//! that is pushed into a vector.

#![expect(clippy::print_stdout, reason = "a benchmark prints what came out")]

use std::error::Error;
use std::hint::black_box;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use circuit_benches::measure::{in_turns, pass};
use circuit_core::{
    Circuit, CircuitLog, Level, LogFilter, MemorySink, Redaction, Registry, Text, TriggerEvent,
};
use circuit_db::Memory;
use serde_json::Value;

/// Fewer than an execution keeps, so that each is kept.
const TIMES: u32 = 5_000;
const PASSES: usize = 301;

/// What an entry holds.
struct Plain {
    _execution: [u8; 16],
    _time: SystemTime,
    _elapsed: Duration,
    _level: Level,
    _handler: Text,
    _event: Option<TriggerEvent>,
    _object: Text,
    _record: Option<Text>,
    _depth: u32,
    _user: Text,
    _tenant: Text,
    _target: Text,
    _message: Text,
    _data: Vec<(Text, Value)>,
    _used: [u64; 9],
}

fn plain(start: SystemTime) -> Plain {
    let now = SystemTime::now();
    Plain {
        _execution: [7; 16],
        _time: now,
        _elapsed: now.duration_since(start).unwrap_or_default(),
        _level: Level::Info,
        _handler: Text::from_static("host"),
        _event: None,
        _object: Text::default(),
        _record: None,
        _depth: 0,
        _user: Text::default(),
        _tenant: Text::default(),
        _target: Text::default(),
        _message: Text::from("scored"),
        _data: vec![
            (Text::from("grade"), Value::from("A")),
            (Text::from("points"), Value::from(87)),
        ],
        _used: [3; 9],
    }
}

/// An engine whose entries a peer writes, and the sink that takes them.
struct Host {
    runtime: tokio::runtime::Runtime,
    circuit: Circuit,
    sink: MemorySink,
}

impl Host {
    fn new(filter: LogFilter, redaction: Redaction) -> Result<Self, Box<dyn Error>> {
        let sink = MemorySink::default();
        let circuit = Circuit::builder()
            .backend(Memory::new())
            .registry(Registry::builder().build())
            .log_filter(filter)
            .redaction(redaction)
            .log_sink(sink.clone())
            .build()?;
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        Ok(Self { runtime, circuit, sink })
    }

    /// Runs one pass inside an execution; what was written is freed outside of the clock.
    fn pass(&self, write: impl Fn(&CircuitLog) + Send + Sync) -> f64 {
        let write = &write;
        let run = self
            .circuit
            .run(|execution| async move { Ok(pass(TIMES, || write(black_box(execution.log())))) });
        let outcome = self.runtime.block_on(run);
        self.sink.clear();
        outcome.map_or(f64::INFINITY, |outcome| outcome.value)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let info = LogFilter::at_least(Level::Info);
    let usual = Host::new(info.clone(), Redaction::default())?;
    let open = Host::new(info, Redaction::none())?;
    let off = Host::new(LogFilter::at_least(Level::Warn), Redaction::default())?;
    let two = |log: &CircuitLog| drop(log.info("scored").with("grade", "A").with("points", 87));
    let peers: [&mut dyn FnMut() -> f64; 4] = [
        &mut || {
            let (entries, start) = (Mutex::new(Vec::new()), SystemTime::now());
            pass(TIMES, || {
                entries.lock().unwrap_or_else(PoisonError::into_inner).push(plain(start));
            })
        },
        &mut || usual.pass(two),
        &mut || open.pass(two),
        &mut || off.pass(two),
    ];
    let [floor, entry, unredacted, filtered] = in_turns(PASSES, peers);
    println!("ns an entry with two fields, {TIMES} in an execution, least of {PASSES} passes");
    println!("plain struct into a vector   {floor:>7.1}");
    println!("to a memory sink             {entry:>7.1} ({:.2} times), goal 500", entry / floor);
    println!("the same without redaction   {unredacted:>7.1} ({:.2} times)", unredacted / floor);
    println!("filtered off                 {filtered:>7.1}, goal 10");
    Ok(())
}
