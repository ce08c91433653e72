//! From staged records to the commit plan.

use std::collections::HashMap;

use super::{Image, Origin, Staged, Transaction};
use crate::db::{CommitPlan, Write, WriteKind};
use crate::record::RecordId;
use crate::value::Value;

impl Transaction {
    /// Returns the plan: each record once, in the order in which they were staged first.
    ///
    /// An insert that refers to a later insert comes after it; in a circle the order stays.
    pub(crate) fn plan(&mut self) -> CommitPlan {
        let writes: Vec<Write> = self
            .staged
            .drain(..)
            .filter_map(Staged::into_write)
            .collect();
        self.objects.clear();
        self.undo.clear();
        CommitPlan::new(if self.placeholders > 0 {
            by_dependency(writes)
        } else {
            writes
        })
    }
}

impl Staged {
    fn into_write(self) -> Option<Write> {
        let kind = match (&self.origin, &self.image) {
            (Origin::New, Image::Live(_)) => WriteKind::Insert,
            (Origin::Stored(_), Image::Live(_)) => WriteKind::Update,
            (Origin::Stored(_), Image::Deleted(_)) => WriteKind::Delete,
            (Origin::RecycleBin(_), Image::Live(_)) => WriteKind::Undelete,
            (Origin::New | Origin::RecycleBin(_), Image::Deleted(_)) => return None,
        };
        let (Image::Live(record) | Image::Deleted(record)) = self.image;
        let write = Write::new(kind, self.id, record);
        Some(match self.origin {
            Origin::New => write,
            Origin::Stored(stored) | Origin::RecycleBin(stored) => {
                write.with_base(stored.record, stored.version)
            }
        })
    }
}

/// Moves what is referred to before what refers, where ids are assigned by the store.
fn by_dependency(writes: Vec<Write>) -> Vec<Write> {
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
                let references = writes[place]
                    .record
                    .iter()
                    .filter_map(|(_, value)| match value {
                        Value::Id(id) => places.get(id).copied(),
                        _ => None,
                    });
                stack.extend(
                    references
                        .filter(|other| !visited[*other])
                        .map(|other| (other, false)),
                );
            }
        }
    }
    let mut writes: Vec<Option<Write>> = writes.into_iter().map(Some).collect();
    order
        .into_iter()
        .filter_map(|place| writes[place].take())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Record;

    #[test]
    fn what_is_referred_to_comes_first_and_circles_end() {
        let mut transaction = Transaction::default();
        let (a, b) = (transaction.placeholder(), transaction.placeholder());
        let to = |id: &RecordId| Image::Live(Record::new("N").with("Next", id));
        transaction.stage(&"n".into(), &a, to(&b), || Origin::New);
        transaction.stage(&"n".into(), &b, Image::Live(Record::new("N")), || {
            Origin::New
        });
        let ids: Vec<_> = transaction
            .plan()
            .writes
            .into_iter()
            .map(|write| write.id)
            .collect();
        assert_eq!(ids, [b.clone(), a.clone()]);

        transaction.stage(&"n".into(), &a, to(&b), || Origin::New);
        transaction.stage(&"n".into(), &b, to(&a), || Origin::New);
        assert_eq!(transaction.plan().writes.len(), 2);
    }
}
