#![doc = include_str!("docs.md")]

mod builder;
mod commit;
mod dialect;
mod encode;
mod error;
mod mark;
mod migrate;
mod name;
mod pool;
mod query;
mod table;
#[cfg(feature = "postgres-tls")]
mod tls;
mod upgrade;
mod url;
mod value;

pub use builder::PostgresBuilder;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use circuit_core::{
    Capability, CircuitDB, CommitOutcome, CommitPlan, Error, ErrorKind, FetchRequest, ObjectSchema,
    Query, QueryAnswer, QueryPlan, QueryStep, Result, Stored,
};
use deadpool_postgres::Pool;

use dialect::PostgresDialect;
use error::pooled;
use mark::Marks;
use name::Namespace;
use table::{Table, Tables};
use value::Param;

use crate::sql::{Templates, objects};

/// The store on a PostgreSQL server, for hosts that run more than one process.
///
/// It needs a Tokio runtime with time and I/O. Clones share the pool.
///
/// # Examples
/// ```no_run
/// use circuit_core::{Circuit, Query, Record, Registry};
/// use circuit_db::Postgres;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> circuit_core::Result<()> {
/// let store = Postgres::connect("postgres://crm:secret@localhost/crm").await?;
/// let circuit = Circuit::builder().backend(store).registry(Registry::default()).build()?;
/// circuit.insert(Record::new("Contact").with("Email", "ada@example.com")).await?;
/// assert_eq!(circuit.query::<Record>(Query::of("Contact")).await?.len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Postgres {
    capability: Capability,
    inner: Arc<Inner>,
}

/// What the calls share.
struct Inner {
    pool: Pool,
    namespace: Namespace,
    tables: Tables,
    statements: Templates<Param>,
    marks: Marks,
}

impl Postgres {
    /// Connects to a database, without schemas.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] if the URL cannot be read, the server does not let us in or its
    /// certificate is refused, [`ErrorKind::Unavailable`] if it cannot be reached.
    pub async fn connect(url: &str) -> Result<Self> {
        Self::builder().connect(url).await
    }

    /// Starts a store with schemas or other settings.
    pub fn builder() -> PostgresBuilder {
        PostgresBuilder::default()
    }

    /// Returns the schema of the database, in PostgreSQL's sense, that the tables are in.
    pub fn namespace(&self) -> &str {
        self.inner.namespace.name()
    }
}

impl Postgres {
    /// Resolves a query and looks for the tables of its objects.
    async fn resolved(&self, query: &Query) -> Result<Query> {
        self.inner.table(&query.object).await?;
        let query = query.resolve(self)?;
        query::check_rows(&query)?;
        for object in objects(&query) {
            self.inner.table(&object).await?;
        }
        Ok(query)
    }
}

impl Inner {
    /// Returns an object's table; another process may have made it meanwhile.
    async fn table(&self, object: &str) -> Result<Option<Arc<Table>>> {
        if let Some(table) = self.tables.get(object) {
            return Ok(Some(table));
        }
        let client = self.pool.get().await.map_err(pooled)?;
        let found = migrate::find_table(&client, &self.namespace, object).await?;
        Ok(found.map(|table| self.tables.add(table)))
    }

    /// Returns an object's table; the first record of an object makes it.
    async fn table_for_write(&self, object: &str) -> Result<Arc<Table>> {
        if let Some(table) = self.tables.get(object) {
            return Ok(table);
        }
        let mut client = self.pool.get().await.map_err(pooled)?;
        let made = migrate::find_or_create_table(&mut client, &self.namespace, object).await?;
        Ok(self.tables.add(made))
    }
}

#[async_trait]
impl CircuitDB for Postgres {
    fn capability(&self) -> &Capability {
        &self.capability
    }

    fn describe(&self, object: &str) -> Option<Arc<ObjectSchema>> {
        self.inner.tables.schema(object)
    }

    fn schemas(&self) -> Vec<Arc<ObjectSchema>> {
        self.inner.tables.schemas()
    }

    async fn query(&self, query: &Query) -> Result<QueryAnswer> {
        if let Some(known) = self.inner.statements.find(&PostgresDialect, query) {
            let client = self.inner.pool.get().await.map_err(pooled)?;
            return query::ask(&*client, known).await;
        }
        let resolved = self.resolved(query).await?;
        let mut client = self.inner.pool.get().await.map_err(pooled)?;
        let Some(made) = query::whole(&self.inner.tables, &resolved) else {
            return query::run(&mut client, &self.inner.tables, resolved).await;
        };
        self.inner.statements.keep(&PostgresDialect, query, &made);
        query::ask(&*client, made).await
    }

    async fn explain(&self, query: &Query) -> Result<QueryPlan> {
        let query = self.resolved(query).await?;
        let plan = QueryPlan::new(self.capability.name);
        if self.inner.tables.get(&query.object).is_none() {
            let step = QueryStep::Scan { object: query.object, records: Some(0) };
            return Ok(plan.with(step));
        }
        let mut client = self.inner.pool.get().await.map_err(pooled)?;
        query::explain(&mut client, &self.inner.tables, query, plan).await
    }

    async fn fetch(&self, request: &FetchRequest) -> Result<Vec<Option<Stored>>> {
        let table = self.inner.table(&request.object).await?;
        request.check(table.as_ref().and_then(|table| table.schema.as_deref()))?;
        let Some(table) = table else {
            return Ok(vec![None; request.keys.len()]);
        };
        let mut client = self.inner.pool.get().await.map_err(pooled)?;
        query::fetch(&mut client, &table, request).await
    }

    async fn commit(&self, plan: CommitPlan) -> Result<CommitOutcome> {
        // A task of its own, so that a dropped future leaves no transaction half sent.
        let inner = Arc::clone(&self.inner);
        let task = tokio::spawn(async move { commit::commit(&inner, plan).await });
        task.await.unwrap_or_else(|_| {
            let message = "the commit's task ended before it had an answer";
            Err(Error::new(ErrorKind::Unavailable, message).with("outcome", "unknown"))
        })
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres")
            .field("namespace", &self.namespace())
            .field("connections", &self.inner.pool.status().max_size)
            .finish_non_exhaustive()
    }
}
