//! From staged records to the commit plan.

use std::collections::{HashMap, HashSet};

use super::{Image, Origin, Staged, Transaction};
use crate::db::{CommitPlan, Write, WriteKind};
use crate::record::{Record, RecordId};
use crate::value::{Text, Value};

impl Transaction {
    /// Returns the plan: each record once, in the order in which they were staged first.
    ///
    /// An insert that refers to a later insert comes after it; in a circle the order stays.
    pub(crate) fn plan(&mut self) -> CommitPlan {
        let mut writes = Vec::with_capacity(self.staged.len());
        self.planned.clear();
        for (at, staged) in self.staged.drain(..).enumerate() {
            if let Some(write) = staged.into_write() {
                self.planned.push(at);
                let object = write.record.object();
                if self.names.last() != Some(object) {
                    self.names.push(object.clone());
                }
                writes.push(write);
            }
        }
        self.undo.clear();
        let mut checks = self.checks();
        if self.placeholders > 0 {
            let order = by_dependency(&writes);
            self.planned = order.iter().map(|&place| self.planned[place]).collect();
            let mut places: Vec<Option<Write>> = writes.into_iter().map(Some).collect();
            writes = order.into_iter().filter_map(|place| places[place].take()).collect();
        }
        writes.append(&mut checks);
        CommitPlan::new(writes)
    }

    /// Returns a check for each locked record that is not written anyway.
    fn checks(&mut self) -> Vec<Write> {
        let written: HashSet<usize> = self.planned.iter().copied().collect();
        let is_written = |object: &Text, id: &RecordId| {
            let place = self.objects.get(object).and_then(|ids| ids.get(id));
            place.is_some_and(|place| written.contains(place))
        };
        let mut checks = Vec::new();
        self.checked.clear();
        for (object, ids) in &self.locked {
            for (id, (name, version)) in ids.iter().filter(|(id, _)| !is_written(object, id)) {
                let mut check = Write::new(WriteKind::Check, id.clone(), Record::new(name));
                check.base = Some(*version);
                checks.push(check);
                self.checked.push((name.clone(), id.clone()));
            }
        }
        checks
    }

    /// Returns the object and the id of a write of the plan, for an error that names it.
    pub(crate) fn written(&self, write: usize) -> Option<(&Text, &RecordId)> {
        let Some(at) = self.planned.get(write) else {
            let (object, id) = self.checked.get(write - self.planned.len())?;
            return Some((object, id));
        };
        self.objects.iter().find_map(|(object, ids)| {
            let (id, _) = ids.iter().find(|(_, place)| *place == at)?;
            let name = self.names.iter().find(|name| name.eq_ignore_ascii_case(object));
            Some((name.unwrap_or(object), id))
        })
    }
}

impl Staged {
    fn into_write(self) -> Option<Write> {
        let (kind, record, root) = match (&self.origin, self.image?) {
            (Origin::New, Image::Live(record)) => (WriteKind::Insert, record, None),
            (Origin::Stored(_), Image::Live(record)) => (WriteKind::Update, record, None),
            (Origin::Stored(_), Image::Deleted(record, root)) => (WriteKind::Delete, record, root),
            (Origin::RecycleBin(_), Image::Live(record)) => (WriteKind::Undelete, record, None),
            (Origin::Stored(_) | Origin::RecycleBin(_), Image::Gone(record)) => {
                (WriteKind::Purge, record, None)
            }
            (Origin::New | Origin::RecycleBin(_), _) => return None,
        };
        let mut write = Write::new(kind, self.id, record);
        write.deleted_with = root;
        Some(match self.origin {
            Origin::New => write,
            Origin::Stored(stored) | Origin::RecycleBin(stored) => {
                write.with_base(stored.record, stored.version)
            }
        })
    }
}

/// Returns the order in which what is referred to comes before what refers.
fn by_dependency(writes: &[Write]) -> Vec<usize> {
    let places: HashMap<RecordId, usize> = writes
        .iter()
        .enumerate()
        .filter(|(_, write)| write.id.is_placeholder())
        .map(|(place, write)| (write.id.clone(), place))
        .collect();
    let mut order = Vec::with_capacity(writes.len());
    let mut visited = vec![false; writes.len()];
    for start in 0..writes.len() {
        let mut stack = vec![(start, false)];
        while let Some((place, ready)) = stack.pop() {
            if ready {
                order.push(place);
            } else if !std::mem::replace(&mut visited[place], true) {
                stack.push((place, true));
                let references = writes[place].record.iter().filter_map(|(_, value)| match value {
                    Value::Id(id) => places.get(id).copied(),
                    _ => None,
                });
                stack.extend(
                    references.filter(|other| !visited[*other]).map(|other| (other, false)),
                );
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_referred_to_comes_first_and_circles_end() {
        let mut transaction = Transaction::default();
        let (a, b) = (transaction.placeholder(), transaction.placeholder());
        let to = |id: &RecordId| Image::Live(Record::new("N").with("Next", id));
        transaction.stage(&"n".into(), &a, to(&b), || Origin::New);
        transaction.stage(&"n".into(), &b, Image::Live(Record::new("N")), || Origin::New);
        let ids: Vec<_> = transaction.plan().writes.into_iter().map(|write| write.id).collect();
        assert_eq!(ids, [b.clone(), a.clone()]);

        let mut transaction = Transaction { placeholders: 2, ..Transaction::default() };
        transaction.stage(&"n".into(), &a, to(&b), || Origin::New);
        transaction.stage(&"n".into(), &b, to(&a), || Origin::New);
        assert_eq!(transaction.plan().writes.len(), 2);
    }
}
