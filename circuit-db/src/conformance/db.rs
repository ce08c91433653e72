//! The store under test, with the names that the claims give to its records.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use circuit_core::{
    Capability, CircuitDB, CommitOutcome, CommitPlan, FetchRequest, IdPolicy, Query, QueryAnswer,
    RecordId, Stored, Write, WriteKind,
};

use super::Broken;
use super::support::id;

/// The store under test.
///
/// A claim names its records. Where callers choose ids, a record's name is its id; else the store
/// gives the id when the record is inserted, and this keeps both, so that one claim fits either.
#[derive(Debug, Clone)]
pub(super) struct Db {
    store: Arc<dyn CircuitDB>,
    names: Arc<Mutex<Names>>,
}

#[derive(Debug, Default)]
struct Names {
    placeholders: u64,
    /// By object in lower case and name.
    ids: HashMap<(String, RecordId), RecordId>,
}

impl Db {
    pub(super) fn new(store: Arc<dyn CircuitDB>) -> Self {
        Self { store, names: Arc::default() }
    }

    pub(super) fn capability(&self) -> &Capability {
        self.store.capability()
    }

    pub(super) fn store(&self) -> Arc<dyn CircuitDB> {
        Arc::clone(&self.store)
    }

    /// Returns an object for records that need no schema: one without where the store has such.
    pub(super) fn home(&self) -> &'static str {
        self.homes()[0]
    }

    /// Returns homes for the same records: undeclared, where the store has such, and declared.
    pub(super) fn homes(&self) -> &'static [&'static str] {
        if self.capability().open_objects.is_yes() { &["Open", "Typed"] } else { &["Typed"] }
    }

    fn names(&self) -> MutexGuard<'_, Names> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the id of a record; a name that was never stored is the id of no record.
    pub(super) fn id(&self, object: &str, name: &str) -> RecordId {
        let name = id(name);
        let key = (object.to_ascii_lowercase(), name);
        self.names().ids.get(&key).cloned().unwrap_or(key.1)
    }

    /// Returns the name of a record.
    pub(super) fn name(&self, object: &str, id: &RecordId) -> String {
        let object = object.to_ascii_lowercase();
        let names = self.names();
        let found = names.ids.iter().find(|((of, _), own)| *of == object && *own == id);
        found.map_or(id, |((_, name), _)| name).to_string()
    }

    /// Returns a placeholder that no other write has.
    pub(super) fn placeholder(&self) -> RecordId {
        let mut names = self.names();
        names.placeholders += 1;
        RecordId::placeholder(names.placeholders)
    }

    pub(super) async fn query(&self, query: &Query) -> circuit_core::Result<QueryAnswer> {
        self.store.query(query).await
    }

    pub(super) async fn fetch(
        &self,
        request: &FetchRequest,
    ) -> circuit_core::Result<Vec<Option<Stored>>> {
        self.store.fetch(request).await
    }

    /// Commits writes; where the store gives ids, new records get placeholders, and what their names
    /// became is kept.
    pub(super) async fn commit(&self, mut writes: Vec<Write>) -> Result<CommitOutcome, Broken> {
        let mut given = Vec::new();
        if self.capability().ids == IdPolicy::Store {
            let is_named =
                |write: &&mut Write| write.kind == WriteKind::Insert && !write.id.is_placeholder();
            for write in writes.iter_mut().filter(is_named) {
                let placeholder = self.placeholder();
                let name = std::mem::replace(&mut write.id, placeholder.clone());
                write.record.set("Id", placeholder.clone());
                given.push((write.record.object().to_ascii_lowercase(), name, placeholder));
            }
        }
        let outcome = self.store.commit(CommitPlan::new(writes)).await?;
        if let CommitOutcome::Committed { ids } = &outcome {
            for (object, name, placeholder) in given {
                let Some(id) = ids.get(&placeholder).filter(|id| !id.is_placeholder()) else {
                    return Err(Broken(format!("{object} {name} got no id")));
                };
                self.names().ids.insert((object, name), id.clone());
            }
        }
        Ok(outcome)
    }
}
