//! Connecting a store.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use circuit_core::{Capability, Error, ErrorKind, ObjectSchema, Result, Support};
use deadpool_postgres::Client;

use super::error::{mapped, pooled};
use super::mark::Marks;
use super::migrate::migrate;
use super::name::Namespace;
use super::pool::pool;
use super::table::Tables;
use super::{Inner, Postgres, url};
use crate::sql::Templates;

/// The oldest version that has all that is used.
const OLDEST: i32 = 130_000;

/// Builds a [`Postgres`].
///
/// # Examples
/// ```no_run
/// # async fn example(contact: circuit_core::ObjectSchema) -> circuit_core::Result<()> {
/// let store = circuit_db::Postgres::builder()
///     .schema(contact)
///     .namespace("crm")
///     .pool_size(20)
///     .connect("postgres://crm@localhost/crm?password=secret")
///     .await?;
/// # Ok(())
/// # }
/// ```
pub struct PostgresBuilder {
    schemas: Vec<ObjectSchema>,
    namespace: Option<String>,
    pool_size: usize,
    wait: Duration,
    root: Option<PathBuf>,
}

impl Default for PostgresBuilder {
    fn default() -> Self {
        let (schemas, namespace, root) = (Vec::new(), None, None);
        Self { schemas, namespace, pool_size: 10, wait: Duration::from_secs(10), root }
    }
}

impl PostgresBuilder {
    /// Adds an object's schema.
    #[must_use]
    pub fn schema(mut self, schema: ObjectSchema) -> Self {
        self.schemas.push(schema);
        self
    }

    /// Sets the schema, in PostgreSQL's sense, that the tables are in; it is created if it is
    /// missing. Without it, they are in the first one of the user's search path, mostly `public`.
    #[must_use]
    pub fn namespace(mut self, name: impl Into<String>) -> Self {
        self.namespace = Some(name.into());
        self
    }

    /// Sets the most connections; without it, 10.
    #[must_use]
    pub fn pool_size(mut self, connections: usize) -> Self {
        self.pool_size = connections.max(1);
        self
    }

    /// Sets how long a call waits: for a free connection, and to learn what became of a commit
    /// whose connection was lost. Without it, 10 seconds.
    #[must_use]
    pub fn wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// Sets the file with the root certificates, in PEM, that the server's has to lead to. No
    /// connection is then without TLS, unless the URL says `sslmode=disable`.
    ///
    /// `sslrootcert` in the URL goes before it. Without either, the certificates of the system are
    /// trusted, as under the name `system`.
    ///
    /// # Examples
    /// ```
    /// use circuit_core::ErrorKind;
    /// use circuit_db::Postgres;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let builder = Postgres::builder().root_certificate("no/such.crt");
    /// let error = builder.connect("postgres://crm@db.example/crm").await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Configuration);
    /// assert_eq!(error.context("file"), Some("no/such.crt"));
    /// # }
    /// ```
    #[cfg(feature = "postgres-tls")]
    #[must_use]
    pub fn root_certificate(mut self, file: impl Into<PathBuf>) -> Self {
        self.root = Some(file.into());
        self
    }

    /// Connects and brings the tables up to the schemas.
    ///
    /// # Errors
    /// Those of [`Postgres::connect`]; [`ErrorKind::InvalidSchema`] if a schema contradicts itself
    /// or what the database holds.
    pub async fn connect(self, url: &str) -> Result<Postgres> {
        self.schemas.iter().try_for_each(ObjectSchema::check)?;
        let pool = pool(url::read(url, self.root)?, self.pool_size, self.wait)?;
        let mut client = pool.get().await.map_err(pooled)?;
        let server = Server::ask(&client).await?;
        let namespace = Namespace::new(match self.namespace {
            Some(name) => checked(name)?,
            None => server.namespace.ok_or_else(no_namespace)?,
        });
        let tables = migrate(&mut client, &namespace, &self.schemas).await?;
        drop(client);
        let durable = if server.durable { Support::Yes } else { Support::No };
        let marks = Marks::new(&namespace, server.store, self.wait);
        let (tables, statements) = (Tables::new(tables), Templates::default());
        let inner = Inner { pool, namespace, tables, statements, marks };
        Ok(Postgres {
            capability: Capability::new("postgres").with_durable(durable),
            inner: Arc::new(inner),
        })
    }
}

/// PostgreSQL would cut a long name and find another schema.
fn checked(name: String) -> Result<String> {
    if (1..=63).contains(&name.len()) && !name.contains('\0') {
        return Ok(name);
    }
    let message = "the name of a namespace has 1 to 63 bytes";
    Err(Error::new(ErrorKind::Configuration, message).with("bytes", name.len()))
}

fn no_namespace() -> Error {
    let message = "the user's search path has no schema that exists; name one by `namespace`";
    Error::new(ErrorKind::Configuration, message)
}

/// What the server says about itself.
struct Server {
    namespace: Option<String>,
    durable: bool,
    /// A name for this store that no other has.
    store: String,
}

impl Server {
    async fn ask(client: &Client) -> Result<Self> {
        let ask = "SELECT current_setting('server_version_num')::int,
                          current_setting('server_encoding'), current_schema()::text,
                          current_setting('fsync') = 'on'
                              AND current_setting('synchronous_commit') <> 'off',
                          md5(random()::text || clock_timestamp()::text || pg_backend_pid()::text)";
        let row = client.query_one(ask, &[]).await.map_err(mapped)?;
        let (version, encoding): (i32, &str) = (row.get(0), row.get(1));
        if version < OLDEST {
            let message = "PostgreSQL is too old; version 13 or a later one is needed";
            return Err(
                Error::new(ErrorKind::Configuration, message).with("version", version / 10_000)
            );
        }
        if encoding != "UTF8" {
            let message = "the database cannot hold every character; create it with encoding UTF8";
            return Err(Error::new(ErrorKind::Configuration, message).with("encoding", encoding));
        }
        Ok(Self { namespace: row.get(2), durable: row.get(3), store: row.get(4) })
    }
}

impl fmt::Debug for PostgresBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresBuilder")
            .field("schemas", &self.schemas)
            .field("namespace", &self.namespace)
            .field("pool_size", &self.pool_size)
            .field("wait", &self.wait)
            .field("root", &self.root)
            .finish()
    }
}
