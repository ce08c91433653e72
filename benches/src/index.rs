//! An index from id to row number that holds no ids of its own.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

const FREE: u32 = u32::MAX;

/// Open addressing over row numbers; the ids are read where the rows are.
#[derive(Debug, Default)]
pub(crate) struct Index {
    slots: Vec<u32>,
    used: usize,
    hasher: FixedState,
}

impl Index {
    /// Adds a row; answers `false` if a row with its id is there.
    pub(crate) fn insert<'a>(&mut self, row: u32, id_of: impl Fn(u32) -> &'a str) -> bool {
        if self.used * 4 >= self.slots.len() * 3 {
            self.grow(&id_of);
        }
        let id = id_of(row);
        let mut at = self.start(id);
        while self.slots[at] != FREE {
            if id_of(self.slots[at]) == id {
                return false;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.slots[at] = row;
        self.used += 1;
        true
    }

    fn grow<'a>(&mut self, id_of: impl Fn(u32) -> &'a str) {
        let larger = vec![FREE; (self.slots.len() * 2).max(512)];
        for row in std::mem::replace(&mut self.slots, larger) {
            if row != FREE {
                let mut at = self.start(id_of(row));
                while self.slots[at] != FREE {
                    at = (at + 1) & (self.slots.len() - 1);
                }
                self.slots[at] = row;
            }
        }
    }

    fn start(&self, id: &str) -> usize {
        let hash = usize::try_from(self.hasher.hash_one(id)).unwrap_or_default();
        hash & (self.slots.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_id_goes_in_once() {
        let ids: Vec<String> = (0..2_000).map(|i| format!("c{}", i % 1_000)).collect();
        let mut index = Index::default();
        let id_of = |row: u32| ids[row as usize].as_str();
        let added: Vec<bool> = (0..2_000).map(|row| index.insert(row, id_of)).collect();
        assert!(added[..1_000].iter().all(|added| *added));
        assert!(added[1_000..].iter().all(|added| !added));
    }
}
