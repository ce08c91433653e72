//! `docs/conformance.md` tells what came out.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod postgres;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use circuit_core::{CircuitDB, ObjectSchema};
use circuit_db::conformance::{self, Column, apex};
use circuit_db::{Memory, Sqlite};

fn memory(schemas: Vec<ObjectSchema>) -> std::future::Ready<Arc<dyn CircuitDB>> {
    let store = schemas.into_iter().fold(Memory::builder(), circuit_db::MemoryBuilder::schema);
    std::future::ready(Arc::new(store.build().unwrap()))
}

async fn sqlite(schemas: Vec<ObjectSchema>, folder: &Path, number: u32) -> Arc<dyn CircuitDB> {
    let store = schemas.into_iter().fold(Sqlite::builder(), circuit_db::SqliteBuilder::schema);
    Arc::new(store.open(folder.join(format!("{number}.db"))).await.unwrap())
}

async fn open_postgres(schemas: Vec<ObjectSchema>) -> Arc<dyn CircuitDB> {
    Arc::new(postgres::open(schemas).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_tells_what_came_out() {
    let folder = tempfile::tempdir().unwrap();
    let number = AtomicU32::new(0);
    let open = |schemas| sqlite(schemas, folder.path(), number.fetch_add(1, Ordering::Relaxed));
    let columns = [
        Column {
            store: "memory",
            contract: conformance::run(memory).await,
            behaviours: apex::run(memory).await,
        },
        Column {
            store: "SQLite",
            contract: conformance::run(open).await,
            behaviours: apex::run(open).await,
        },
        Column {
            store: "PostgreSQL",
            contract: conformance::run(open_postgres).await,
            behaviours: apex::run(open_postgres).await,
        },
    ];
    let page = conformance::page(&columns);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/conformance.md");
    if std::env::var_os("CIRCUIT_WRITE_PAGE").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        written == page,
        "docs/conformance.md is out of date; `cargo xtask conformance` writes it"
    );
    assert!(!page.contains("**broken**"), "docs/conformance.md has broken lines");
}
