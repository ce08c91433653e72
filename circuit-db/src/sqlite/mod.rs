#![doc = include_str!("docs.md")]

mod builder;
mod commit;
mod connection;
mod dialect;
mod encode;
mod error;
mod function;
mod lock;
mod migrate;
mod query;
mod reader;
mod table;
mod writer;

pub use builder::{SqliteBuilder, Synchronous};

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use circuit_core::{
    Capability, CircuitDB, CommitOutcome, CommitPlan, FetchRequest, ObjectSchema, Query,
    QueryAnswer, QueryPlan, QueryStep, Result, Stored,
};

use dialect::SqliteDialect;
use lock::Lock;
use reader::Readers;
use rusqlite::types::Value as Sql;
use table::Tables;
use writer::Writer;

use crate::sql::Templates;

/// The embedded store: one SQLite file, durable when a commit is answered.
///
/// # Examples
/// ```
/// use circuit_core::{Circuit, Query, Record, Registry};
/// use circuit_db::Sqlite;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> circuit_core::Result<()> {
/// # let folder = tempfile::tempdir().unwrap();
/// # let file = folder.path().join("crm.db");
/// let store = Sqlite::open(&file).await?;
/// let circuit = Circuit::builder().backend(store).registry(Registry::default()).build()?;
/// circuit.insert(Record::new("Contact").with("Email", "ada@example.com")).await?;
/// drop(circuit);
///
/// let again = Sqlite::open(&file).await?;
/// let circuit = Circuit::builder().backend(again).registry(Registry::default()).build()?;
/// assert_eq!(circuit.query::<Record>(Query::of("Contact")).await?.len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Sqlite {
    path: PathBuf,
    capability: Capability,
    tables: Arc<Tables>,
    statements: Templates<Sql>,
    // Dropped in this order: the writer finishes what waits, then the file is free for others.
    writer: Writer,
    readers: Readers,
    _lock: Lock,
}

impl Sqlite {
    /// Opens or creates a file, without schemas.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`](circuit_core::ErrorKind::Unavailable) if the file cannot be
    /// opened or another process has it, [`ErrorKind::Corrupt`](circuit_core::ErrorKind::Corrupt)
    /// if it is no database of ours.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::builder().open(path).await
    }

    /// Starts a store with schemas or other settings.
    pub fn builder() -> SqliteBuilder {
        SqliteBuilder::default()
    }

    /// Returns the file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[async_trait]
impl CircuitDB for Sqlite {
    fn capability(&self) -> &Capability {
        &self.capability
    }

    fn describe(&self, object: &str) -> Option<Arc<ObjectSchema>> {
        self.tables.schema(object)
    }

    fn schemas(&self) -> Vec<Arc<ObjectSchema>> {
        self.tables.schemas()
    }

    async fn query(&self, query: &Query) -> Result<QueryAnswer> {
        if let Some(known) = self.statements.find(&SqliteDialect, query) {
            return self.readers.run(move |connection| query::ask(connection, known)).await;
        }
        let resolved = query.resolve(self)?;
        query::check_rows(&resolved)?;
        let Some(made) = query::whole(&self.tables, &resolved) else {
            let tables = Arc::clone(&self.tables);
            let run = move |connection: &_| query::run(connection, &tables, resolved);
            return self.readers.run(run).await;
        };
        self.statements.keep(&SqliteDialect, query, &made);
        self.readers.run(move |connection| query::ask(connection, made)).await
    }

    async fn explain(&self, query: &Query) -> Result<QueryPlan> {
        let query = query.resolve(self)?;
        query::check_rows(&query)?;
        let plan = QueryPlan::new(self.capability.name);
        if self.tables.get(&query.object).is_none() {
            let step = QueryStep::Scan { object: query.object, records: Some(0) };
            return Ok(plan.with(step));
        }
        let tables = Arc::clone(&self.tables);
        self.readers.run(move |connection| query::explain(connection, &tables, query, plan)).await
    }

    async fn fetch(&self, request: &FetchRequest) -> Result<Vec<Option<Stored>>> {
        request.check(self.describe(&request.object).as_deref())?;
        let Some(table) = self.tables.get(&request.object) else {
            return Ok(vec![None; request.keys.len()]);
        };
        let request = request.clone();
        self.readers.run(move |connection| query::fetch(connection, &table, &request)).await
    }

    async fn commit(&self, plan: CommitPlan) -> Result<CommitOutcome> {
        self.writer.commit(plan).await
    }
}
