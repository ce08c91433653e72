//! The child: commits numbered plans and says so, one line after each answer.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use circuit_core::{
    CircuitDB, CommitOutcome, CommitPlan, FetchRequest, Filter, Query, Record, RecordId, Write,
    WriteKind,
};
use circuit_db::{Sqlite, Synchronous};

/// The records of one plan, beside the counter.
pub(crate) const RECORDS: usize = 3;

fn id(text: &str) -> RecordId {
    text.parse().unwrap()
}

/// Returns the command that runs this program as the child.
pub(crate) fn command(file: &Path, level: Synchronous, plans: u64) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .env("CIRCUIT_WRITER", file)
        .env("CIRCUIT_LEVEL", format!("{level:?}"))
        .env("CIRCUIT_PLANS", plans.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    command
}

/// Commits plans `1..`, each of three records and the counter, and prints each that was answered.
pub(crate) fn write(file: &Path) {
    let level = match std::env::var("CIRCUIT_LEVEL").as_deref() {
        Ok("Normal") => Synchronous::Normal,
        _ => Synchronous::Full,
    };
    let plans: u64 = std::env::var("CIRCUIT_PLANS").unwrap().parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let store = Sqlite::builder().synchronous(level).open(file).await.unwrap();
        let counter = Record::new("Counter").with_id(id("counter"));
        for number in 1..=plans {
            let mut writes: Vec<Write> = (0..RECORDS).map(|part| record(number, part)).collect();
            writes.push(count(&store, &counter, number).await);
            let outcome = store.commit(CommitPlan::new(writes)).await.unwrap();
            assert!(matches!(outcome, CommitOutcome::Committed { .. }), "{outcome:?}");
            let mut out = std::io::stdout().lock();
            writeln!(out, "{number}").unwrap();
            out.flush().unwrap();
        }
    });
}

fn record(number: u64, part: usize) -> Write {
    let id = id(&format!("r{number}-{part}"));
    let number = i64::try_from(number).unwrap();
    let text = "x".repeat(700);
    let record = Record::new("Run").with_id(id.clone()).with("Number", number).with("Text", text);
    Write::new(WriteKind::Insert, id, record)
}

async fn count(store: &Sqlite, counter: &Record, number: u64) -> Write {
    let new = counter.clone().with("Number", i64::try_from(number).unwrap());
    let key = FetchRequest::by_id("Counter", [id("counter")]);
    match store.fetch(&key).await.unwrap().pop().flatten() {
        None => Write::new(WriteKind::Insert, id("counter"), new),
        Some(old) => {
            Write::new(WriteKind::Update, id("counter"), new).with_base(old.record, old.version)
        }
    }
}

/// Checks a file: every plan up to `answered` is whole, every other whole or absent.
///
/// Answers what is wrong, if anything is.
pub(crate) async fn check(file: &Path, answered: u64) -> Result<(), String> {
    let store = Sqlite::open(file).await.map_err(|error| format!("{error:?}"))?;
    let runs = store.query(&Query::from("Run")).await.map_err(|error| format!("{error:?}"))?;
    let mut parts = std::collections::BTreeMap::new();
    for stored in &runs.records {
        let number: i64 = stored.record.read("Number").map_err(|error| format!("{error:?}"))?;
        *parts.entry(number).or_insert(0_usize) += 1;
    }
    let half = parts.iter().find(|(_, count)| **count != RECORDS);
    if let Some((number, count)) = half {
        return Err(format!("plan {number} has {count} of {RECORDS} records"));
    }
    let last = parts.keys().next_back().copied().unwrap_or(0);
    if parts.len() != usize::try_from(last).unwrap() {
        return Err(format!("{} plans are there, the last is {last}", parts.len()));
    }
    let counter = Query::from("Counter").filter(Filter::eq("Number", last));
    let counter = store.query(&counter).await.map_err(|error| format!("{error:?}"))?;
    if last > 0 && counter.count != 1 {
        return Err(format!("the counter does not say {last}"));
    }
    if last < i64::try_from(answered).unwrap() {
        return Err(format!("plan {answered} was answered, the last one there is {last}"));
    }
    Ok(())
}
