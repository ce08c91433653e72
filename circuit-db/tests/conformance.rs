//! The contract of a store, on every store.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::sync::Arc;

use circuit_core::{CircuitDB, IdPolicy, ObjectSchema};
use circuit_db::conformance::{self, Report};
use circuit_db::{Memory, Sqlite};

#[track_caller]
fn holds(report: &Report, at_least: usize) {
    let broken = report.broken();
    assert!(broken.is_empty(), "{} broken:\n{}", broken.len(), broken.join("\n"));
    assert!(report.held() >= at_least, "only {} claims were shown", report.held());
}

fn memory(schemas: Vec<ObjectSchema>, ids: IdPolicy) -> std::future::Ready<Arc<dyn CircuitDB>> {
    let store = schemas.into_iter().fold(Memory::builder(), circuit_db::MemoryBuilder::schema);
    std::future::ready(Arc::new(store.ids(ids).build().unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_keeps_the_contract() {
    holds(&conformance::run(|schemas| memory(schemas, IdPolicy::Caller)).await, 70);
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_that_assigns_ids_keeps_the_contract() {
    holds(&conformance::run(|schemas| memory(schemas, IdPolicy::Store)).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let number = std::sync::atomic::AtomicU32::new(0);
    let report = conformance::run(|schemas| {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let file = folder.path().join(format!("{number}.db"));
        async move {
            let store =
                schemas.into_iter().fold(Sqlite::builder(), circuit_db::SqliteBuilder::schema);
            Arc::new(store.open(file).await.unwrap()) as Arc<dyn CircuitDB>
        }
    });
    holds(&report.await, 70);
}
