//! The rows of one object, side by side, and where each is.

use std::collections::HashMap;

use circuit_core::{RecordId, Rows, Stored, Value};
use foldhash::fast::FixedState;

/// A record in the recycle bin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Deletion {
    /// The record whose delete took this one along.
    pub(super) with: Option<RecordId>,
}

/// A record with its version; one in the recycle bin says so.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) stored: &'a Stored,
    pub(super) deletion: Option<&'a Deletion>,
}

impl<'a> Row<'a> {
    pub(super) fn is_live(&self) -> bool {
        self.deletion.is_none()
    }

    /// Returns whether a query over `rows` looks at this one.
    pub(super) fn is_of(&self, rows: &Rows) -> bool {
        match (rows, self.deletion) {
            (Rows::All, _) | (Rows::Live, None) => true,
            (Rows::DeletedWith(root), Some(deletion)) => deletion.with.as_ref() == Some(root),
            _ => false,
        }
    }

    pub(super) fn value(&self, field: &str) -> &'a Value {
        self.stored.record.get(field).unwrap_or(&Value::Null)
    }

    pub(super) fn root(&self) -> Value {
        let root = self.deletion.and_then(|deletion| deletion.with.as_ref());
        root.map_or(Value::Null, Value::from)
    }
}

/// Rows by id. Those that are not deleted stand in one vector without gaps, because a query that no
/// index answers looks at all of them.
#[derive(Debug, Default)]
pub(super) struct RowStore {
    places: HashMap<RecordId, usize, FixedState>,
    live: Vec<Stored>,
    /// The id of each row in `live`.
    ids: Vec<RecordId>,
    bin: HashMap<RecordId, (Stored, Deletion), FixedState>,
}

impl RowStore {
    pub(super) fn get(&self, id: &RecordId) -> Option<Row<'_>> {
        if let Some(place) = self.places.get(id) {
            return Some(Row { stored: &self.live[*place], deletion: None });
        }
        let (stored, deletion) = self.bin.get(id)?;
        Some(Row { stored, deletion: Some(deletion) })
    }

    pub(super) fn contains_key(&self, id: &RecordId) -> bool {
        self.places.contains_key(id) || self.bin.contains_key(id)
    }

    /// Returns the number of rows, those in the recycle bin included.
    pub(super) fn len(&self) -> usize {
        self.places.len() + self.bin.len()
    }

    /// Returns the rows that are not deleted.
    pub(super) fn live(&self) -> &[Stored] {
        &self.live
    }

    /// Returns all rows, those in the recycle bin included.
    pub(super) fn all(&self) -> impl Iterator<Item = &Stored> {
        self.live.iter().chain(self.bin.values().map(|(stored, _)| stored))
    }

    /// Stores a row, or puts it into the recycle bin; it replaces the row with the same id.
    pub(super) fn insert(&mut self, id: RecordId, stored: Stored, deletion: Option<Deletion>) {
        if let Some(deletion) = deletion {
            self.vacate(&id);
            self.bin.insert(id, (stored, deletion));
            return;
        }
        self.bin.remove(&id);
        if let Some(place) = self.places.get(&id) {
            self.live[*place] = stored;
        } else {
            self.places.insert(id.clone(), self.live.len());
            self.live.push(stored);
            self.ids.push(id);
        }
    }

    pub(super) fn remove(&mut self, id: &RecordId) {
        self.vacate(id);
        self.bin.remove(id);
    }

    /// Takes a row out; the last one moves to its place.
    fn vacate(&mut self, id: &RecordId) {
        let Some(place) = self.places.remove(id) else { return };
        self.live.swap_remove(place);
        self.ids.swap_remove(place);
        if let Some(moved) = self.ids.get(place)
            && let Some(known) = self.places.get_mut(moved)
        {
            *known = place;
        }
    }
}

#[cfg(test)]
mod tests {
    use circuit_core::{Record, Version};

    use super::*;

    fn id(n: usize) -> RecordId {
        format!("r{n}").parse().unwrap()
    }

    fn stored() -> Stored {
        Stored { record: Record::new("X"), version: Version(1) }
    }

    #[test]
    fn each_row_is_found_after_others_went_and_came() {
        let mut rows = RowStore::default();
        let put = |rows: &mut RowStore, n: usize| {
            let stored = Stored { version: Version(n as u64), ..stored() };
            rows.insert(id(n), stored, None);
        };
        (0..9).for_each(|n| put(&mut rows, n));
        for gone in [1, 8, 0, 7] {
            rows.remove(&id(gone));
        }
        put(&mut rows, 1);
        put(&mut rows, 3);
        let found = |n: usize| rows.get(&id(n)).map(|row| row.stored.version);
        let wanted = |n: usize| (![8, 0, 7].contains(&n)).then_some(Version(n as u64));
        assert!((0..9).all(|n| found(n) == wanted(n)));
        assert_eq!((rows.len(), rows.all().count(), rows.live().len()), (6, 6, 6));
    }

    #[test]
    fn a_row_is_live_or_in_the_bin_and_never_both() {
        let mut rows = RowStore::default();
        let counts = |rows: &RowStore| (rows.live().len(), rows.all().count());
        rows.insert(id(1), stored(), None);
        assert_eq!(counts(&rows), (1, 1));
        rows.insert(id(1), stored(), Some(Deletion { with: Some(id(7)) }));
        assert_eq!(counts(&rows), (0, 1));
        let row = rows.get(&id(1)).unwrap();
        assert!(!row.is_live() && row.is_of(&Rows::DeletedWith(id(7))) && !row.is_of(&Rows::Live));
        rows.insert(id(1), stored(), None);
        assert_eq!(counts(&rows), (1, 1));
        assert!(rows.get(&id(1)).unwrap().is_of(&Rows::Live) && rows.contains_key(&id(1)));
        rows.remove(&id(1));
        assert_eq!((counts(&rows), rows.len()), ((0, 0), 0));
    }
}
