//! The plain reference store.

mod commit;
mod index;
mod rows;
mod table;

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use circuit_core::{
    Capability, CircuitDB, CommitOutcome, CommitPlan, Error, ErrorKind, FetchRequest, IdPolicy,
    ObjectSchema, Query, QueryAnswer, QueryPlan, QueryStep, Result, Rows, Stored, Support, eval,
};
use commit::State;
use table::Candidates;

/// The plain reference store: everything in memory, each commit under one lock.
///
/// It is fast, and gone when the process ends. Clones share their records.
///
/// # Examples
/// ```
/// use circuit_core::{Circuit, Query, Record, Registry};
/// use circuit_db::Memory;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> circuit_core::Result<()> {
/// let circuit = Circuit::builder().backend(Memory::new()).registry(Registry::default()).build()?;
/// circuit.insert(Record::new("Contact").with("Email", "ada@example.com")).await?;
/// assert_eq!(circuit.query::<Record>(Query::of("Contact")).await?.len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Memory {
    capability: Capability,
    schemas: Vec<Arc<ObjectSchema>>,
    state: Arc<RwLock<State>>,
}

impl Memory {
    /// Creates an empty store without schemas.
    pub fn new() -> Self {
        Self::with(Vec::new(), Capability::new("memory").with_durable(Support::No))
    }

    /// Starts a store with schemas or other capabilities.
    pub fn builder() -> MemoryBuilder {
        MemoryBuilder::default()
    }

    fn with(schemas: Vec<Arc<ObjectSchema>>, capability: Capability) -> Self {
        let state = Arc::new(RwLock::new(State::new(&schemas)));
        Self { capability, schemas, state }
    }

    fn refuse_unknown(&self, object: &str) -> Result<()> {
        if self.capability.open_objects.is_yes() || self.describe(object).is_some() {
            return Ok(());
        }
        let known: Vec<&str> = self.schemas.iter().map(|schema| schema.object().as_str()).collect();
        Err(Error::new(ErrorKind::InvalidQuery, "the store has no such object")
            .with("object", object)
            .with("objects", known.join(", ")))
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

/// Builds a [`Memory`].
///
/// # Examples
/// ```
/// use circuit_core::{FieldSchema, FieldType, ObjectSchema};
/// use circuit_db::Memory;
///
/// let contact = ObjectSchema::new("Contact").with_field(FieldSchema::new("Email", FieldType::Text).unique());
/// let store = Memory::builder().schema(contact).closed().build()?;
/// # Ok::<(), circuit_core::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct MemoryBuilder {
    schemas: Vec<ObjectSchema>,
    ids: Option<IdPolicy>,
    closed: bool,
}

impl MemoryBuilder {
    /// Adds an object's schema.
    #[must_use]
    pub fn schema(mut self, schema: ObjectSchema) -> Self {
        self.schemas.push(schema);
        self
    }

    /// Sets who chooses ids; without it, the caller may.
    #[must_use]
    pub fn ids(mut self, ids: IdPolicy) -> Self {
        self.ids = Some(ids);
        self
    }

    /// Refuses objects without a schema.
    #[must_use]
    pub fn closed(mut self) -> Self {
        self.closed = true;
        self
    }

    /// Checks the schemas and returns the store.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSchema`] naming object and field.
    pub fn build(self) -> Result<Memory> {
        self.schemas.iter().try_for_each(ObjectSchema::check)?;
        let open = if self.closed { Support::No } else { Support::Yes };
        let capability = Capability::new("memory")
            .with_durable(Support::No)
            .with_open_objects(open)
            .with_ids(self.ids.unwrap_or(IdPolicy::Caller));
        Ok(Memory::with(self.schemas.into_iter().map(Arc::new).collect(), capability))
    }
}

#[async_trait]
impl CircuitDB for Memory {
    fn capability(&self) -> &Capability {
        &self.capability
    }

    fn describe(&self, object: &str) -> Option<Arc<ObjectSchema>> {
        let found = self.schemas.iter().find(|schema| schema.object().eq_ignore_ascii_case(object));
        found.cloned()
    }

    fn schemas(&self) -> Vec<Arc<ObjectSchema>> {
        self.schemas.clone()
    }

    async fn query(&self, query: &Query) -> Result<QueryAnswer> {
        self.refuse_unknown(&query.object)?;
        let query = query.resolve(self)?;
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        eval::evaluate(&query, &*state)
    }

    async fn explain(&self, query: &Query) -> Result<QueryPlan> {
        self.refuse_unknown(&query.object)?;
        let query = query.resolve(self)?;
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let object = query.object.clone();
        let Some(table) = state.table(&object) else {
            let step = QueryStep::Scan { object, records: Some(0) };
            return Ok(QueryPlan::new(self.capability.name).with(step));
        };
        let found = query.filter.as_ref().filter(|_| query.rows == Rows::Live);
        let step = match found.and_then(|filter| table.candidates(filter)) {
            Some(Candidates { field, ids }) => {
                QueryStep::Index { object, field, records: Some(ids.len()) }
            }
            None => QueryStep::Scan { object, records: Some(table.rows.len()) },
        };
        Ok(QueryPlan::new(self.capability.name).with(step))
    }

    async fn fetch(&self, request: &FetchRequest) -> Result<Vec<Option<Stored>>> {
        self.refuse_unknown(&request.object)?;
        request.check(self.describe(&request.object).as_deref())?;
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let Some(table) = state.table(&request.object) else {
            return Ok(vec![None; request.keys.len()]);
        };
        Ok(request.keys.iter().map(|key| table.find(key, request.scope)).collect())
    }

    async fn commit(&self, plan: CommitPlan) -> Result<CommitOutcome> {
        for write in &plan.writes {
            self.refuse_unknown(write.record.object())?;
        }
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        Ok(state.commit(plan, self.capability.ids))
    }
}
