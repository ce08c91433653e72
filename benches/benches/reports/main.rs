//! Searches in a store of 1,000,000 log entries: 100,000 executions with ten each.
//!
//! The reports are copies of a real one, an insert of ten contacts with a handler that writes ten
//! entries, with other ids, records and e-mail addresses. Each search is asked 1,000 times, for
//! executions all over the store, through the store's own thread and back. The wall clock counts,
//! because PostgreSQL works in processes of its own. Words after `--` name the store.

#![expect(clippy::print_stdout, reason = "a benchmark prints what came out")]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use circuit_core::{
    Circuit, ExecutionReport, LogSink, Record, RecordId, RecordKey, Registry, TriggerEvent,
    TriggerRegistration,
};
use circuit_db::Memory;
use circuit_observe::{ReportStore, Search};
use uuid::Uuid;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

const EXECUTIONS: u128 = 100_000;

const ENTRIES: usize = 10;

/// How often each search is asked.
const ASKED: u128 = 1_000;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let wants = |name: &str| words.is_empty() || words.iter().any(|word| word == name);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let done = runtime.map_err(Into::into).and_then(|runtime| {
        runtime.block_on(async {
            if wants("sqlite") {
                sqlite().await?;
            }
            if wants("postgres") {
                postgres().await?;
            }
            Ok(())
        })
    });
    let done: Result = done;
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("reports: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn sqlite() -> Result {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("reports.db");
    let store = ReportStore::builder().sqlite(&path)?;
    measure("sqlite", &store).await?;
    println!("sqlite    file {:>43} MiB", std::fs::metadata(&path)?.len() >> 20);
    Ok(())
}

async fn postgres() -> Result {
    let url = std::env::var("CIRCUIT_POSTGRES_URL")
        .map_err(|_| "no PostgreSQL server: run `cargo xtask bench reports`")?;
    let (client, connection) =
        tokio_postgres::connect(&format!("{url}?sslmode=disable"), tokio_postgres::NoTls).await?;
    tokio::spawn(async move { drop(connection.await) });
    let schema = "DROP SCHEMA IF EXISTS bench_reports CASCADE; CREATE SCHEMA bench_reports";
    client.batch_execute(schema).await?;
    let url = format!("{url}?sslmode=disable&options=-csearch_path%3Dbench_reports");
    measure("postgres", &ReportStore::builder().postgres(&url).await?).await?;
    client.batch_execute("DROP SCHEMA bench_reports CASCADE").await?;
    Ok(())
}

async fn measure(name: &str, store: &ReportStore) -> Result {
    let template = template().await?;
    let began = Instant::now();
    for number in 0..EXECUTIONS {
        store.ended(&Arc::new(copy(&template, number)));
        if number % 2_000 == 1_999 {
            store.flush().await?;
        }
    }
    store.flush().await?;
    let took = began.elapsed().as_secs_f64();
    if store.dropped() > 0 {
        return Err("reports were dropped".into());
    }
    println!("{name:<10}fill {EXECUTIONS:>10} executions with {ENTRIES} entries {took:>10.1} s");
    let places: Vec<u128> = (0..ASKED).map(|i| i * 7_919 % EXECUTIONS).collect();
    let mut times = Times { name, store, places };
    times.ask("by execution id", 1, |n| Search::new().execution(Uuid::from_u128(n))).await?;
    times.ask("by record id", 1, |n| Search::new().record(&record(n, 3))).await?;
    times.ask("by e-mail", 1, |n| Search::new().value("Contact", "Email", &email(n, 3))).await?;
    times.ask("by a word that one has", 1, |n| Search::new().text(&format!("webhook{n}"))).await?;
    times.places.truncate(20);
    times.ask("by handler, the last 100", 100, |_| Search::new().handler("score")).await?;
    times.ask("by a word that all have, 100", 100, |_| Search::new().text("scored")).await
}

/// Asks a store, and shows how long the answers took.
struct Times<'a> {
    name: &'a str,
    store: &'a ReportStore,
    places: Vec<u128>,
}

impl Times<'_> {
    async fn ask(&self, what: &str, expected: usize, search: impl Fn(u128) -> Search) -> Result {
        let mut times: Vec<Duration> = Vec::with_capacity(self.places.len());
        for place in &self.places {
            let search = search(*place);
            let began = Instant::now();
            let found = self.store.search(&search).await?;
            times.push(began.elapsed());
            if found.len() != expected {
                return Err(format!("{what}: {} found, not {expected}", found.len()).into());
            }
        }
        times.sort();
        let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e3;
        let (median, most) = (at(50), at(99));
        println!("{:<10}{what:<32} median {median:>9.3} ms  99 % {most:>9.3} ms", self.name);
        Ok(())
    }
}

async fn template() -> Result<ExecutionReport> {
    let score = TriggerRegistration::sync("Contact", [TriggerEvent::AfterInsert], "score", |ctx| {
        for (i, row) in ctx.try_new_records()?.iter().enumerate() {
            let has_email = row.get("Email").is_some();
            ctx.log().info("scored a contact").with("grade", i).with("email", has_email);
        }
        Ok(())
    });
    let registry = Registry::builder().register(score).build();
    let circuit = Circuit::builder()
        .registry(registry)
        .backend(Memory::new())
        .index_field("Contact", "Email")
        .build()?;
    let contact = |i| Record::new("Contact").with("Email", email(0, i)).with("LastName", "L");
    let contacts: Vec<Record> = (0..ENTRIES).map(contact).collect();
    let report = ExecutionReport::clone(circuit.insert(contacts).await?.report());
    match report.log.len() {
        ENTRIES => Ok(report),
        entries => Err(format!("the template has {entries} entries").into()),
    }
}

/// Returns the template as execution `number`.
fn copy(template: &ExecutionReport, number: u128) -> ExecutionReport {
    let mut report = template.clone();
    report.id = Uuid::from_u128(number);
    report.origin = format!("webhook{number}").into();
    for entry in &mut report.log {
        Arc::make_mut(entry).execution = report.id;
    }
    let ids = (0..ENTRIES).map(|i| RecordKey::of_id("Contact", &record(number, i)));
    let emails = (0..ENTRIES).map(|i| RecordKey::of_value("Contact", "Email", &email(number, i)));
    report.keys = ids.chain(emails).collect();
    report
}

fn record(number: u128, i: usize) -> RecordId {
    format!("003{number:010}{i:02}").parse().expect("15 characters are an id")
}

fn email(number: u128, i: usize) -> String {
    format!("person{i}.{number}@example.com")
}
