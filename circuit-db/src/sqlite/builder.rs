//! Opening a store.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use circuit_core::{Capability, Error, ErrorKind, ObjectSchema, Result};

use super::Sqlite;
use super::connection::connect;
use super::error::mapped;
use super::lock::Lock;
use super::migrate::migrate;
use super::reader::Readers;
use super::table::Tables;
use super::writer::Writer;
use crate::sql::Templates;

/// When a commit is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Synchronous {
    /// When it is on the disk.
    #[default]
    Full,
    /// When the operating system has it: a power cut can lose commits that were answered.
    Normal,
}

/// Builds a [`Sqlite`].
///
/// # Examples
/// ```no_run
/// # async fn example(contact: circuit_core::ObjectSchema) -> circuit_core::Result<()> {
/// let store = circuit_db::Sqlite::builder().schema(contact).readers(4).open("crm.db").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct SqliteBuilder {
    schemas: Vec<ObjectSchema>,
    synchronous: Synchronous,
    readers: usize,
}

impl Default for SqliteBuilder {
    fn default() -> Self {
        Self { schemas: Vec::new(), synchronous: Synchronous::Full, readers: 2 }
    }
}

impl SqliteBuilder {
    /// Adds an object's schema.
    #[must_use]
    pub fn schema(mut self, schema: ObjectSchema) -> Self {
        self.schemas.push(schema);
        self
    }

    /// Sets when a commit is answered; without it, when it is on the disk.
    #[must_use]
    pub fn synchronous(mut self, synchronous: Synchronous) -> Self {
        self.synchronous = synchronous;
        self
    }

    /// Sets the number of reading threads; without it, 2.
    #[must_use]
    pub fn readers(mut self, threads: usize) -> Self {
        self.readers = threads.max(1);
        self
    }

    /// Opens or creates the file and brings its tables up to the schemas.
    ///
    /// # Errors
    /// Those of [`Sqlite::open`]; [`ErrorKind::InvalidSchema`] if a schema contradicts itself or
    /// what the file holds.
    pub async fn open(self, path: impl AsRef<Path>) -> Result<Sqlite> {
        let path = path.as_ref().to_owned();
        let (answer, wait) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || drop(answer.send(self.open_here(path))));
        wait.await
            .unwrap_or_else(|_| Err(Error::new(ErrorKind::Unavailable, "opening the file failed")))
    }

    fn open_here(self, path: PathBuf) -> Result<Sqlite> {
        self.schemas.iter().try_for_each(ObjectSchema::check)?;
        let lock = Lock::take(&path)?;
        let level = self.synchronous;
        let mut connection = connect(&lock.path, level)?;
        let named = |error: Error| error.with("file", path.display());
        let tables = Arc::new(Tables::new(migrate(&mut connection, self.schemas).map_err(named)?));
        let readers =
            (0..self.readers).map(|_| connect(&lock.path, level)).collect::<Result<_>>()?;
        Ok(Sqlite {
            capability: Capability::new("sqlite"),
            writer: Writer::start(connection, Arc::clone(&tables)),
            readers: Readers::start(readers),
            tables,
            statements: Templates::default(),
            path,
            _lock: lock,
        })
    }
}

/// Maps an error of an opening step.
pub(super) fn opening(path: &Path) -> impl Fn(rusqlite::Error) -> Error {
    move |error| mapped(error).with("file", path.display())
}
