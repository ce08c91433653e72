//! The searchable store: reports of executions, kept for a while.

mod backend;
mod builder;
mod export;
#[cfg(feature = "postgres")]
mod postgres;
mod reader;
mod row;
mod search;
#[cfg(feature = "sqlite")]
mod sqlite;
mod summary;
#[cfg(test)]
mod tests;
mod writer;

pub use builder::ReportStoreBuilder;
pub use export::{Export, ExportFormat};
pub use search::Search;
pub use summary::Summary;

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use circuit_core::{Error, ErrorKind, ExecutionReport, LogEntry, LogSink, Result};
use uuid::Uuid;

use self::backend::Found;
use self::reader::Reader;
use crate::sink::Line;
use crate::sink::queue::Queue;

/// How many executions a chain may have.
const CHAIN: usize = 1_000;

/// Reports of executions, each with its log, to be searched for 30 days.
///
/// A sink: give a clone to [`CircuitBuilder::log_sink`](circuit_core::CircuitBuilder::log_sink).
/// Reports go through a bounded queue to a thread that writes them in batches; a handler never
/// waits for it. While the database is away they wait there and are tried again, up to 5 seconds
/// apart; only those that it refuses for what is in them are dropped, and those for which there is
/// no room. Searches have a thread and a connection of their own. What is stored is what the
/// report holds: names, ids, messages, and values of fields only where the host indexes them.
///
/// # Examples
/// ```
/// # #[cfg(feature = "sqlite")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> circuit_core::Result<()> {
/// use circuit_core::{Circuit, LogSink, Record, Registry};
/// use circuit_db::Memory;
/// use circuit_observe::{ReportStore, Search};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("reports.db");
/// let store = ReportStore::builder().sqlite(path)?;
/// let registry = Registry::builder().build();
/// let circuit = Circuit::builder()
///     .registry(registry)
///     .backend(Memory::new())
///     .index_field("Contact", "Email")
///     .log_sink(store.clone())
///     .build()?;
/// circuit.insert(Record::new("Contact").with("Email", "Ada@b.c")).await?;
/// store.flush().await?;
/// let found = store.search(&Search::new().value("Contact", "Email", "ada@b.c")).await?;
/// let report = store.get(found[0].id).await?.expect("it was just found");
/// println!("{}", circuit_observe::explain(&report));
/// # assert_eq!(found.len(), 1);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "sqlite"))]
/// # fn main() {}
/// ```
#[derive(Clone)]
pub struct ReportStore {
    writer: Arc<Queue>,
    reader: Arc<Reader>,
}

impl ReportStore {
    /// Starts a store.
    pub fn builder() -> ReportStoreBuilder {
        ReportStoreBuilder::default()
    }

    /// Returns the executions that are searched for, the last one that ended first.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] if the store does not answer; [`ErrorKind::InvalidInput`] if the
    /// search has more than 64 words, or more than 50 handlers, records and the like.
    pub async fn search(&self, search: &Search) -> Result<Vec<Summary>> {
        let found = self.find(search.clone(), Found::Summary).await?;
        let summary = |(place, json): (i64, String)| Ok(Summary { place, ..read(&json)? });
        found.into_iter().map(summary).collect()
    }

    /// Returns the whole report of an execution, also by the id of a run that was repeated.
    ///
    /// # Errors
    /// As [`search`](Self::search).
    pub async fn get(&self, execution: Uuid) -> Result<Option<ExecutionReport>> {
        let search = Search::new().execution(execution).limit(1);
        let found = self.find(search, Found::Report).await?;
        found.first().map(|(_, json)| read(json)).transpose()
    }

    /// Returns the reports of all executions that an execution came from or led to, the first cause
    /// first; 1,000 at most.
    ///
    /// # Errors
    /// As [`search`](Self::search).
    pub async fn chain(&self, execution: Uuid) -> Result<Vec<ExecutionReport>> {
        let Some(mut root) = self.get(execution).await? else {
            return Ok(Vec::new());
        };
        let mut known = HashSet::from([root.id]);
        while let Some(parent) = root.parent.filter(|parent| known.insert(*parent)) {
            let Some(above) = self.get(parent).await? else { break };
            root = above;
        }
        let mut known = HashSet::from([root.id]);
        let mut chain = vec![root];
        let mut next = 0;
        while next < chain.len() && chain.len() < CHAIN {
            let children = Search::new().started_by(chain[next].id).limit(CHAIN - chain.len());
            for (_, json) in self.find(children, Found::Report).await?.into_iter().rev() {
                let child: ExecutionReport = read(&json)?;
                if known.insert(child.id) {
                    chain.push(child);
                }
            }
            next += 1;
        }
        Ok(chain)
    }

    /// Exports what is searched for, page by page: memory holds one page at most.
    pub fn export(&self, format: ExportFormat, search: Search) -> Export {
        Export::new(self.clone(), format, search)
    }

    /// Writes what was taken and ends; what comes later is dropped. Searches go on.
    ///
    /// Waits at most `within`; what is left by then is counted as dropped. A store that is let go
    /// without this waits in the same way for up to 5 seconds.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] with the number `left` if the time was too short, and the last
    /// failure if reports were refused.
    pub async fn close(&self, within: Duration) -> Result<()> {
        self.writer.close(within).await
    }

    async fn find(&self, search: Search, what: Found) -> Result<Vec<(i64, String)>> {
        search.check()?;
        self.reader.ask(move |backend| backend.find(&search, what)).await
    }
}

fn read<T: serde::de::DeserializeOwned>(json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|error| {
        Error::new(ErrorKind::Corrupt, "a stored report cannot be read").with_source(error)
    })
}

#[async_trait]
impl LogSink for ReportStore {
    /// Does nothing: entries come with the report of their execution.
    fn write(&self, _: &Arc<LogEntry>) {}

    fn ended(&self, report: &Arc<ExecutionReport>) {
        self.writer.push(Line::Execution(Arc::clone(report)));
    }

    async fn flush(&self) -> Result<()> {
        self.writer.flush().await
    }

    fn dropped(&self) -> u64 {
        self.writer.dropped()
    }
}

impl fmt::Debug for ReportStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReportStore").field("dropped", &self.dropped()).finish_non_exhaustive()
    }
}
