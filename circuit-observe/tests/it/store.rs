//! Stores to test with, and what opening and losing them means.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use circuit_core::{ErrorKind, ExecutionReport, LogSink};
use circuit_observe::{ReportStore, ReportStoreBuilder, Search};
use tempfile::TempDir;
use tokio_postgres::NoTls;
use uuid::Uuid;

use crate::support::report;

/// Returns the server's URL for a schema of this name.
fn url(schema: &str) -> String {
    let server = std::env::var("CIRCUIT_POSTGRES_URL").unwrap_or_else(|_| {
        panic!(
            "no PostgreSQL server: run `cargo xtask test`, or `cargo xtask postgres cargo test -p \
             circuit-observe --all-features`"
        )
    });
    format!("{server}?sslmode=disable&options=-csearch_path%3D{schema}")
}

async fn sql(schema: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(&url(schema), NoTls).await.unwrap();
    tokio::spawn(async move { drop(connection.await) });
    client.batch_execute(sql).await.unwrap();
}

async fn schema() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let schema = format!("observe{}_{number}", std::process::id());
    sql("public", &format!("CREATE SCHEMA {schema}")).await;
    schema
}

/// A place for a store in a file, and one on the server.
pub(crate) struct Places {
    folder: TempDir,
    schema: String,
}

impl Places {
    pub(crate) async fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), schema: schema().await }
    }

    pub(crate) async fn open(&self, builder: &ReportStoreBuilder) -> [ReportStore; 2] {
        let sqlite = builder.clone().sqlite(self.folder.path().join("reports.db")).unwrap();
        [sqlite, builder.clone().postgres(&url(&self.schema)).await.unwrap()]
    }
}

/// An empty store in a file and one on the server.
pub(crate) async fn both(builder: &ReportStoreBuilder) -> (Places, [ReportStore; 2]) {
    let places = Places::new().await;
    let stores = places.open(builder).await;
    (places, stores)
}

/// The report of a failed insert as a template for others.
pub(crate) async fn some_report() -> ExecutionReport {
    static REPORT: OnceLock<ExecutionReport> = OnceLock::new();
    if let Some(report) = REPORT.get() {
        return report.clone();
    }
    let mut made = ExecutionReport::clone(&*report(true).await);
    made.start = chrono::Utc::now();
    REPORT.get_or_init(|| made).clone()
}

/// A report with another id, changed.
pub(crate) async fn changed(
    id: u128,
    change: impl FnOnce(&mut ExecutionReport),
) -> ExecutionReport {
    let mut report = some_report().await;
    report.id = Uuid::from_u128(id);
    change(&mut report);
    report
}

pub(crate) async fn keep(store: &ReportStore, reports: impl IntoIterator<Item = ExecutionReport>) {
    reports.into_iter().for_each(|report| store.ended(&Arc::new(report)));
    store.flush().await.unwrap();
}

#[tokio::test]
async fn a_report_comes_back_as_it_went_in() {
    let (_folder, stores) = both(&ReportStore::builder()).await;
    let report = changed(1, |report| report.origin = "nul \0 and ' \" \\ 🦀".into()).await;
    for store in &stores {
        keep(store, [report.clone()]).await;
        assert_eq!(store.get(report.id).await.unwrap(), Some(report.clone()));
        assert_eq!(store.get(Uuid::from_u128(99)).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_report_that_comes_twice_is_stored_once() {
    let (_folder, stores) = both(&ReportStore::builder()).await;
    for store in &stores {
        keep(store, [changed(1, |_| ()).await, changed(1, |_| ()).await]).await;
        keep(store, [changed(1, |_| ()).await]).await;
        assert_eq!(store.search(&Search::new()).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn what_was_taken_is_there_after_the_store_was_dropped_and_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("reports.db");
    let store = ReportStore::builder().sqlite(&path).unwrap();
    for id in 0..600 {
        store.ended(&Arc::new(changed(id, |_| ()).await));
    }
    drop(store);
    let store = ReportStore::builder().sqlite(&path).unwrap();
    let found = store.search(&Search::new().limit(1_000)).await.unwrap();
    assert_eq!(found.len(), 600);
}

#[tokio::test]
async fn what_the_queue_cannot_hold_is_dropped_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("reports.db");
    let store = ReportStore::builder().queue(2).sqlite(&path).unwrap();
    let blocker = rusqlite::Connection::open(&path).unwrap();
    blocker.execute_batch("BEGIN IMMEDIATE").unwrap();
    for id in 0..300 {
        store.ended(&Arc::new(changed(id, |_| ()).await));
    }
    blocker.execute_batch("COMMIT").unwrap();
    store.flush().await.unwrap();
    let kept = store.search(&Search::new().limit(1_000)).await.unwrap().len() as u64;
    assert!(store.dropped() > 0 && kept + store.dropped() == 300, "{kept} {store:?}");
}

#[tokio::test]
async fn nothing_is_lost_while_another_connection_holds_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("reports.db");
    let store = ReportStore::builder().sqlite(&path).unwrap();
    let blocker = rusqlite::Connection::open(&path).unwrap();
    blocker.execute_batch("BEGIN IMMEDIATE").unwrap();
    for id in 0..10 {
        store.ended(&Arc::new(changed(id, |_| ()).await));
    }
    // Each answer comes after a further try.
    for _ in 0..5 {
        let told = format!("{:?}", store.flush().await.unwrap_err());
        assert!(told.contains("database is locked"), "{told}");
    }
    blocker.execute_batch("COMMIT").unwrap();
    while store.flush().await.is_err() {}
    let found = store.search(&Search::new()).await.unwrap();
    assert_eq!((found.len(), store.dropped()), (10, 0));
    store.close(Duration::from_mins(1)).await.unwrap();
}

#[tokio::test]
async fn tables_of_a_later_version_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("reports.db");
    drop(ReportStore::builder().sqlite(&path).unwrap());
    let later = "UPDATE circuit_report_version SET version = 2";
    rusqlite::Connection::open(&path).unwrap().execute_batch(later).unwrap();
    let schema = schema().await;
    drop(ReportStore::builder().postgres(&url(&schema)).await.unwrap());
    sql(&schema, later).await;
    let sqlite = ReportStore::builder().sqlite(&path).unwrap_err();
    let postgres = ReportStore::builder().postgres(&url(&schema)).await.unwrap_err();
    for error in [sqlite, postgres] {
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
        assert_eq!((error.context("found"), error.context("known")), (Some("2"), Some("1")));
    }
}

#[tokio::test]
async fn two_hosts_can_make_the_tables_at_once() {
    let url = url(&schema().await);
    let open = || ReportStore::builder().postgres(&url);
    let (one, two) = tokio::join!(open(), open());
    keep(&one.unwrap(), [changed(1, |_| ()).await]).await;
    assert!(two.unwrap().get(Uuid::from_u128(1)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_lost_connection_is_made_anew() {
    let schema = schema().await;
    let url = format!("{}&application_name={schema}", url(&schema));
    let store = ReportStore::builder().postgres(&url).await.unwrap();
    keep(&store, [changed(1, |_| ()).await]).await;
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ";
    sql("public", &format!("{kill}'{schema}'")).await;
    keep(&store, [changed(2, |_| ()).await]).await;
    assert_eq!(store.search(&Search::new()).await.unwrap().len(), 2);
}

#[tokio::test]
async fn errors_of_opening_do_not_show_the_url() {
    for url in [
        "postgres://u:hunter2@127.0.0.1:1/d",
        "hunter2",
        "postgres://u:hunter2@h/d?sslmode=require",
    ] {
        let opening = ReportStore::builder().postgres(url);
        let error = tokio::time::timeout(Duration::from_secs(20), opening).await.unwrap();
        let told = format!("{:?}", error.unwrap_err());
        assert!(!told.contains("hunter2"), "{told}");
    }
}
