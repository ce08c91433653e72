//! The contract of a store, on every store.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod postgres;

use std::sync::Arc;

use async_trait::async_trait;
use circuit_core::{
    Capability, CircuitDB, CommitOutcome, CommitPlan, FetchRequest, IdPolicy, ObjectSchema, Query,
    QueryAnswer, QueryPlan, Result, Stored, Value, Write, WriteKind,
};
use circuit_db::conformance::{self, Report};
use circuit_db::{Memory, MemoryBuilder, Sqlite};

#[track_caller]
fn holds(report: &Report, at_least: usize) {
    let broken = report.broken();
    assert!(broken.is_empty(), "{} broken:\n{}", broken.len(), broken.join("\n"));
    assert!(report.held() >= at_least, "only {} claims were shown", report.held());
}

fn memory(
    builder: MemoryBuilder,
    schemas: Vec<ObjectSchema>,
) -> std::future::Ready<Arc<dyn CircuitDB>> {
    let store = schemas.into_iter().fold(builder, MemoryBuilder::schema);
    std::future::ready(Arc::new(store.build().unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_keeps_the_contract() {
    let open = |schemas| memory(Memory::builder(), schemas);
    holds(&conformance::run(open).await, 97);
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_that_assigns_ids_keeps_the_contract() {
    let open = |schemas| memory(Memory::builder().ids(IdPolicy::Store), schemas);
    holds(&conformance::run(open).await, 99);
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_that_assigns_ids_to_known_objects_alone_keeps_the_contract() {
    let open = |schemas| memory(Memory::builder().ids(IdPolicy::Store).closed(), schemas);
    holds(&conformance::run(open).await, 95);
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
    holds(&report.await, 97);
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_keeps_the_contract() {
    let report = conformance::run(|schemas| async {
        Arc::new(postgres::open(schemas).await) as Arc<dyn CircuitDB>
    });
    holds(&report.await, 97);
}

/// Fails with the behaviours that do not hold.
#[track_caller]
fn behaves(verdicts: &[(conformance::apex::Behaviour, conformance::Verdict)]) {
    let broken: Vec<String> = verdicts
        .iter()
        .filter_map(|(behaviour, verdict)| match verdict {
            conformance::Verdict::Broken(why) => Some(format!("{behaviour:?}: {why}")),
            _ => None,
        })
        .collect();
    assert!(broken.is_empty(), "{} broken:\n{}", broken.len(), broken.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_behaves_like_apex() {
    behaves(&conformance::apex::run(|schemas| memory(Memory::builder(), schemas)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_behaves_like_apex() {
    let folder = tempfile::tempdir().unwrap();
    let number = std::sync::atomic::AtomicU32::new(0);
    let verdicts = conformance::apex::run(|schemas| {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let file = folder.path().join(format!("{number}.db"));
        async move {
            let store =
                schemas.into_iter().fold(Sqlite::builder(), circuit_db::SqliteBuilder::schema);
            Arc::new(store.open(file).await.unwrap()) as Arc<dyn CircuitDB>
        }
    });
    behaves(&verdicts.await);
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_behaves_like_apex() {
    let verdicts = conformance::apex::run(|schemas| async {
        Arc::new(postgres::open(schemas).await) as Arc<dyn CircuitDB>
    });
    behaves(&verdicts.await);
}

/// A store with one mistake in what it makes of a write.
#[derive(Debug)]
struct Broken {
    inner: Memory,
    mistake: fn(&mut Write),
}

#[async_trait]
impl CircuitDB for Broken {
    fn capability(&self) -> &Capability {
        self.inner.capability()
    }

    fn describe(&self, object: &str) -> Option<Arc<ObjectSchema>> {
        self.inner.describe(object)
    }

    fn schemas(&self) -> Vec<Arc<ObjectSchema>> {
        self.inner.schemas()
    }

    async fn query(&self, query: &Query) -> Result<QueryAnswer> {
        self.inner.query(query).await
    }

    async fn explain(&self, query: &Query) -> Result<QueryPlan> {
        self.inner.explain(query).await
    }

    async fn fetch(&self, request: &FetchRequest) -> Result<Vec<Option<Stored>>> {
        self.inner.fetch(request).await
    }

    async fn commit(&self, mut plan: CommitPlan) -> Result<CommitOutcome> {
        plan.writes.iter_mut().for_each(self.mistake);
        self.inner.commit(plan).await
    }
}

/// Checks that a store with a mistake does not keep a claim.
async fn is_seen(ids: IdPolicy, claim: &str, mistake: fn(&mut Write)) {
    let report = conformance::run(|schemas| {
        let builder = schemas.into_iter().fold(Memory::builder().ids(ids), MemoryBuilder::schema);
        let store = Broken { inner: builder.build().unwrap(), mistake };
        std::future::ready(Arc::new(store) as Arc<dyn CircuitDB>)
    });
    let broken = report.await.broken();
    assert!(broken.iter().any(|line| line.contains(claim)), "{claim} holds: {broken:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_makes_a_mistake_is_seen() {
    for ids in [IdPolicy::Caller, IdPolicy::Store] {
        is_seen(ids, "a_write_on_an_old_version_is_a_conflict", |write| write.base = None).await;
        is_seen(ids, "what_a_delete_took_along_is_found", |write| write.deleted_with = None).await;
        is_seen(ids, "a_live_record_is_purged", |write| {
            if write.kind == WriteKind::Purge {
                write.kind = WriteKind::Delete;
            }
        })
        .await;
        is_seen(ids, "a_delete_keeps_the_values_of_its_write", |write| {
            if let (WriteKind::Delete, Some(before)) = (write.kind, &write.before) {
                write.record = before.clone();
            }
        })
        .await;
        is_seen(ids, "a_value_of_another_record_is_refused", |write| {
            if let Some(email) = write.record.get("Email").and_then(Value::as_str) {
                let email = format!("{email}{}", write.id);
                write.record.set("Email", email.as_str());
            }
        })
        .await;
    }
    is_seen(IdPolicy::Store, "a_placeholder_in_an_update_becomes", |write| {
        if write.kind == WriteKind::Update && write.record.get("Parent").is_some() {
            write.record.set("Parent", Value::Null);
        }
    })
    .await;
}
