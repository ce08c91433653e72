//! What a store can do, declared beforehand.

use std::fmt;

/// Who chooses the ids of new records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdPolicy {
    /// The caller may; the engine does where the caller does not.
    Caller,
    /// The store, when the plan is committed. An id on insert is an error, as in Apex.
    Store,
}

/// Whether a store can do something itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// Yes.
    Yes,
    /// No; asking for it is [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported).
    No,
}

impl Support {
    /// Returns whether the store can.
    pub fn is_yes(self) -> bool {
        self == Self::Yes
    }
}

/// What a store can do, grouped by operation.
///
/// # Examples
/// ```
/// use circuit_core::{Capability, IdPolicy, Support};
///
/// let remote = Capability::new("crm").with_ids(IdPolicy::Store).with_atomic_commit(Support::No);
/// assert!(!remote.atomic_commit.is_yes());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capability {
    /// The store's name for logs and error messages.
    pub name: &'static str,
    /// Query: the store answers filters, order, limit and count.
    pub query: Support,
    /// Fetch: records can be found by unique fields, not only by id.
    pub fetch_by_unique: Support,
    /// Commit: who chooses ids.
    pub ids: IdPolicy,
    /// Commit: a plan is stored whole or not at all.
    pub atomic_commit: Support,
    /// Commit: the versions of writes are checked, so no update is lost.
    pub versions: Support,
    /// Commit: what was answered as committed survives a power cut.
    pub durable: Support,
    /// Delete: deleted records stay in a recycle bin and can be undeleted.
    pub undelete: Support,
    /// Objects without a schema are let in, with any field.
    pub open_objects: Support,
    /// Commit: the most writes in one plan; `None` for no limit.
    pub max_writes: Option<usize>,
}

impl Capability {
    /// Creates the capability of a store that can do everything.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            query: Support::Yes,
            fetch_by_unique: Support::Yes,
            ids: IdPolicy::Caller,
            atomic_commit: Support::Yes,
            versions: Support::Yes,
            durable: Support::Yes,
            undelete: Support::Yes,
            open_objects: Support::Yes,
            max_writes: None,
        }
    }

    /// Sets who chooses ids.
    #[must_use]
    pub fn with_ids(mut self, ids: IdPolicy) -> Self {
        self.ids = ids;
        self
    }

    /// Sets whether plans are stored whole or not at all.
    #[must_use]
    pub fn with_atomic_commit(mut self, support: Support) -> Self {
        self.atomic_commit = support;
        self
    }

    /// Sets whether commits survive a power cut.
    #[must_use]
    pub fn with_durable(mut self, support: Support) -> Self {
        self.durable = support;
        self
    }

    /// Sets whether deleted records can be undeleted.
    #[must_use]
    pub fn with_undelete(mut self, support: Support) -> Self {
        self.undelete = support;
        self
    }

    /// Sets whether objects without a schema are let in.
    #[must_use]
    pub fn with_open_objects(mut self, support: Support) -> Self {
        self.open_objects = support;
        self
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
