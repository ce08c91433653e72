//! Opening a store.

use std::sync::Arc;
use std::time::Duration;

use circuit_core::Result;

use super::ReportStore;
use super::backend::Backend;
use super::reader::Reader;
use super::writer;
use crate::QueueConfig;

/// Opens a [`ReportStore`].
#[derive(Debug, Clone, Default)]
pub struct ReportStoreBuilder {
    settings: Settings,
}

/// What both threads go by.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) retention: Duration,
    pub(super) queue: QueueConfig,
}

impl Default for Settings {
    fn default() -> Self {
        let queue = QueueConfig::default()
            .with_max_lines(4_096)
            .with_max_bytes(64 << 20)
            .with_retry(Duration::from_millis(100), Duration::from_secs(5));
        Self { retention: Duration::from_hours(24 * 30), queue }
    }
}

impl ReportStoreBuilder {
    /// Sets how long reports are kept, from when their execution began; without it 30 days.
    ///
    /// Older ones are removed in the background, 200 at a time, once a minute if any are there.
    #[must_use]
    pub fn retention(mut self, retention: Duration) -> Self {
        self.settings.retention = retention;
        self
    }

    /// Sets how many reports may wait to be written, those on their way included; without it 4,096.
    /// Further ones are dropped and counted.
    #[must_use]
    pub fn queue(mut self, most: usize) -> Self {
        self.settings.queue.max_lines = most;
        self
    }

    /// Sets how many bytes these may have, as estimated in memory; without it 64 MiB.
    #[must_use]
    pub fn queue_bytes(mut self, most: usize) -> Self {
        self.settings.queue.max_bytes = most;
        self
    }

    /// Opens or makes the store in a file.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`](circuit_core::ErrorKind::Unavailable) if the file cannot be
    /// opened; [`ErrorKind::Configuration`](circuit_core::ErrorKind::Configuration) if a later
    /// version of Circuit wrote it.
    #[cfg(feature = "sqlite")]
    pub fn sqlite(self, path: impl AsRef<std::path::Path>) -> Result<ReportStore> {
        let writer = super::sqlite::Sqlite::open(path.as_ref())?;
        self.start(writer, super::sqlite::Sqlite::open(path.as_ref())?)
    }

    /// Opens or makes the store on a PostgreSQL server, in the first schema of the user's search
    /// path; 13 is the oldest version. The connection is not encrypted.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](circuit_core::ErrorKind::Configuration) if the URL cannot be
    /// read, asks for TLS, or a later version of Circuit wrote the tables;
    /// [`ErrorKind::Unavailable`](circuit_core::ErrorKind::Unavailable) if the server does not
    /// answer. Neither names the URL, which may have a password in it.
    #[cfg(feature = "postgres")]
    pub async fn postgres(self, url: &str) -> Result<ReportStore> {
        let (writer, reader) = super::postgres::Postgres::open_two(url).await?;
        self.start(writer, reader)
    }

    fn start(self, writer: impl Backend, reader: impl Backend) -> Result<ReportStore> {
        let writer = Arc::new(writer::start(writer, &self.settings)?);
        Ok(ReportStore { writer, reader: Arc::new(Reader::start(reader)?) })
    }
}
