//! The rows of one object, side by side, and where each is.

use std::collections::HashMap;

use circuit_core::RecordId;
use foldhash::fast::FixedState;

use super::table::Row;

/// Rows by id. They stand in one vector, because a query that no index answers looks at all of them.
#[derive(Debug, Default)]
pub(super) struct RowStore {
    places: HashMap<RecordId, usize, FixedState>,
    rows: Vec<Option<Row>>,
    free: Vec<usize>,
}

impl RowStore {
    pub(super) fn get(&self, id: &RecordId) -> Option<&Row> {
        self.rows[*self.places.get(id)?].as_ref()
    }

    pub(super) fn contains_key(&self, id: &RecordId) -> bool {
        self.places.contains_key(id)
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().flatten()
    }

    pub(super) fn insert(&mut self, id: RecordId, row: Row) {
        if let Some(place) = self.places.get(&id) {
            self.rows[*place] = Some(row);
        } else if let Some(place) = self.free.pop() {
            self.rows[place] = Some(row);
            self.places.insert(id, place);
        } else {
            self.places.insert(id, self.rows.len());
            self.rows.push(Some(row));
        }
    }

    pub(super) fn remove(&mut self, id: &RecordId) {
        if let Some(place) = self.places.remove(id) {
            self.rows[place] = None;
            self.free.push(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use circuit_core::{Record, Stored, Version};

    use super::*;

    #[test]
    fn a_place_that_became_free_is_used_again() {
        let mut rows = RowStore::default();
        let id = |n: usize| -> RecordId { format!("r{n}").parse().unwrap() };
        let row = || {
            let stored = Stored { record: Record::new("X"), version: Version(1) };
            Row { stored, deleted: false, deleted_with: None }
        };
        (0..3).for_each(|n| rows.insert(id(n), row()));
        rows.remove(&id(1));
        rows.insert(id(3), row());
        rows.insert(id(3), row());
        assert_eq!((rows.len(), rows.values().count(), rows.rows.len()), (3, 3, 3));
        assert!(rows.get(&id(1)).is_none() && rows.get(&id(3)).is_some());
    }
}
