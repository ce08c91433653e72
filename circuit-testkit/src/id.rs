//! Ids that count up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use circuit_core::{IdSource, RecordId};
use uuid::Uuid;

/// Ids that count up: records get `Contact-1`, `Contact-2`; executions a UUID of their number.
///
/// # Examples
/// ```
/// use circuit_core::IdSource;
/// use circuit_testkit::CountingIds;
///
/// let ids = CountingIds::default();
/// assert_eq!(ids.record_id("Contact").as_str(), "Contact-1");
/// assert_eq!(ids.record_id("Task").as_str(), "Task-2");
/// ```
#[derive(Debug, Clone, Default)]
pub struct CountingIds {
    records: Arc<AtomicU64>,
    executions: Arc<AtomicU64>,
}

impl IdSource for CountingIds {
    fn execution_id(&self) -> Uuid {
        Uuid::from_u64_pair(0, self.executions.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// # Panics
    /// If the object's name is no part of an id: white space or `#`.
    fn record_id(&self, object: &str) -> RecordId {
        let number = self.records.fetch_add(1, Ordering::Relaxed) + 1;
        format!("{object}-{number}").parse().expect("object names have no white space")
    }
}
