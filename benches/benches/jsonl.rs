//! A million entries to the sink for files, beside a bare buffered writer of `serde_json`.

#![expect(clippy::print_stdout, reason = "a benchmark prints what came out")]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use circuit_benches::Result;
use circuit_benches::measure::time;
use circuit_core::{LogEntry, LogSink};
use circuit_observe::{Jsonl, JsonlConfig, QueueConfig};
use serde_json::json;
use tokio::runtime::{Builder, Runtime};

const ENTRIES: u32 = 1_000_000;

/// So many are handed over between two waits: the queue drops none.
const HELD: usize = 50_000;

const PASSES: usize = 5;

fn main() -> Result<()> {
    let entries = entries()?;
    let runtime = Builder::new_current_thread().build()?;
    let (mut bare_best, mut sink_best) = (f64::INFINITY, f64::INFINITY);
    let (mut push_best, mut cpu_best) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..PASSES {
        let folder = tempfile::tempdir()?;
        let (done, spent) = time(|| bare(&entries, folder.path()));
        done?;
        bare_best = bare_best.min(spent.wall.as_secs_f64());

        let folder = tempfile::tempdir()?;
        let sink = Jsonl::open(config(folder.path()))?;
        let (pushed, spent) = time(|| push_all(&sink, &entries, &runtime));
        push_best = push_best.min(pushed?.as_secs_f64());
        sink_best = sink_best.min(spent.wall.as_secs_f64());
        cpu_best = cpu_best.min(spent.cpu.as_secs_f64());
        runtime.block_on(sink.close(Duration::from_mins(1)))?;
    }
    report(bare_best, sink_best, cpu_best, push_best);
    Ok(())
}

fn report(bare: f64, sink: f64, cpu: f64, push: f64) {
    let rate = |seconds: f64| f64::from(ENTRIES) / seconds;
    println!("{ENTRIES} entries with two values; at least half the rate of the writer is wanted");
    println!("  bare buffered writer {:>12.0} a second", rate(bare));
    println!("  the sink for files   {:>12.0} a second, {:.2} of it", rate(sink), bare / sink);
    println!("  processor time of the sink per entry {:.0} ns", cpu * 1e9 / f64::from(ENTRIES));
    println!("  time of a handler per entry          {:.0} ns", push * 1e9 / f64::from(ENTRIES));
}

/// A thousand different entries, as handlers write them.
fn entries() -> Result<Vec<Arc<LogEntry>>> {
    let entry = |number: u32| {
        serde_json::from_value(json!({
            "execution": "0198a000-0000-7000-8000-000000000001",
            "time": "2026-11-21T08:00:00.250Z", "level": "info", "handler": "score_contacts",
            "event": "afterInsert", "object": "Contact", "record": "003000000000001AAA",
            "depth": 1, "user": "ada", "tenant": "acme", "message": format!("scored {number}"),
            "data": [["grade", "A"], ["count", number]], "used": {"queries": 1, "dml_rows": 200}
        }))
    };
    Ok((0..1_000).map(|number| entry(number).map(Arc::new)).collect::<serde_json::Result<_>>()?)
}

fn all(entries: &[Arc<LogEntry>]) -> impl Iterator<Item = &Arc<LogEntry>> {
    entries.iter().cycle().take(ENTRIES as usize)
}

fn bare(entries: &[Arc<LogEntry>], folder: &Path) -> Result<()> {
    let mut file = BufWriter::new(File::create(folder.join("bare.jsonl"))?);
    for entry in all(entries) {
        serde_json::to_writer(&mut file, entry)?;
        file.write_all(b"\n")?;
    }
    Ok(file.flush()?)
}

fn config(folder: &Path) -> JsonlConfig {
    JsonlConfig::new(folder)
        .with_max_file_bytes(1 << 30)
        .with_durability(circuit_observe::Durability::System)
        .with_queue(QueueConfig::default().with_max_lines(HELD).with_max_bytes(1 << 30))
}

/// Hands all over and waits until they are in the file; returns how long the handing over took.
fn push_all(sink: &Jsonl, entries: &[Arc<LogEntry>], runtime: &Runtime) -> Result<Duration> {
    let mut pushed = Duration::ZERO;
    let entries: Vec<_> = all(entries).collect();
    for part in entries.chunks(HELD) {
        let ((), spent) = time(|| part.iter().for_each(|entry| sink.write(entry)));
        pushed += spent.wall;
        runtime.block_on(sink.flush())?;
    }
    if sink.dropped() > 0 {
        return Err("the sink has dropped entries".into());
    }
    Ok(pushed)
}
