//! The staged transaction: what an execution wrote, kept in memory until its end.

mod plan;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;

use crate::db::{Stored, Version};
use crate::event::TriggerEvent;
use crate::record::{Record, RecordId};
use crate::value::Text;

/// A record as the execution sees it now.
#[derive(Debug, Clone)]
pub(crate) enum Image {
    Live(Record),
    Deleted(Record),
}

/// Where a staged record was before the execution.
#[derive(Debug, Clone)]
pub(crate) enum Origin {
    /// Nowhere: this execution inserted it.
    New,
    /// In the store.
    Stored(Stored),
    /// In the recycle bin.
    RecycleBin(Stored),
}

#[derive(Debug)]
struct Staged {
    id: RecordId,
    image: Image,
    origin: Origin,
}

#[derive(Debug)]
enum Undo {
    /// The last record was staged for the first time.
    Staged(Text),
    /// A record had this image.
    Changed(usize, Image),
    /// A handler was shown a record for the first time.
    Shown(ShownKey),
}

/// A record that a handler sees only once.
type ShownKey = (Text, TriggerEvent, RecordId);
type Ids<V> = HashMap<RecordId, V, FixedState>;
type Objects<V> = HashMap<Text, Ids<V>, FixedState>;

/// A place in the undo log to which the transaction can go back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark(usize);

/// The writes of one execution, with an undo log for the operations that fail.
///
/// Keys are the lower-cased object name and the record's id.
#[derive(Debug, Default)]
pub(crate) struct Transaction {
    staged: Vec<Staged>,
    objects: Objects<usize>,
    undo: Vec<Undo>,
    seen: Objects<Version>,
    shown: HashSet<ShownKey, FixedState>,
    placeholders: u64,
    /// The staged record of each write of the plan.
    planned: Vec<usize>,
}

impl Transaction {
    /// Returns the place to go back to if what follows fails.
    pub(crate) fn mark(&self) -> Mark {
        Mark(self.undo.len())
    }

    /// Undoes everything since the mark.
    pub(crate) fn rollback(&mut self, mark: Mark) {
        while self.undo.len() > mark.0 {
            match self.undo.pop() {
                Some(Undo::Staged(object)) => {
                    let staged = self.staged.pop().expect("each stage has one undo entry");
                    self.objects.get_mut(&object).map(|ids| ids.remove(&staged.id));
                }
                Some(Undo::Changed(at, image)) => self.staged[at].image = image,
                Some(Undo::Shown(key)) => drop(self.shown.remove(&key)),
                None => {}
            }
        }
    }

    /// Returns a staged record.
    pub(crate) fn get(&self, object: &Text, id: &RecordId) -> Option<&Image> {
        let at = self.objects.get(object)?.get(id)?;
        Some(&self.staged[*at].image)
    }

    /// Returns the staged records of an object.
    pub(crate) fn of_object(&self, object: &Text) -> impl Iterator<Item = (&RecordId, &Image)> {
        let ids = self.objects.get(object).into_iter().flatten();
        ids.map(|(id, at)| (id, &self.staged[*at].image))
    }

    /// Stages a record; `origin` tells where it was, if this execution did not write it before.
    pub(crate) fn stage(
        &mut self,
        object: &Text,
        id: &RecordId,
        image: Image,
        origin: impl FnOnce() -> Origin,
    ) {
        match ids_of(&mut self.objects, object).entry(id.clone()) {
            Entry::Occupied(known) => {
                let at = *known.get();
                let old = std::mem::replace(&mut self.staged[at].image, image);
                self.undo.push(Undo::Changed(at, old));
            }
            Entry::Vacant(free) => {
                free.insert(self.staged.len());
                self.staged.push(Staged { id: id.clone(), image, origin: origin() });
                self.undo.push(Undo::Staged(object.clone()));
            }
        }
    }

    /// Stages a new record; answers whether its id was free in this execution.
    pub(crate) fn stage_new(&mut self, object: &Text, id: &RecordId, record: Record) -> bool {
        let Entry::Vacant(free) = ids_of(&mut self.objects, object).entry(id.clone()) else {
            return false;
        };
        free.insert(self.staged.len());
        let image = Image::Live(record);
        self.staged.push(Staged { id: id.clone(), image, origin: Origin::New });
        self.undo.push(Undo::Staged(object.clone()));
        true
    }

    /// Remembers the version in which a record was read first; answers whether it is still that.
    pub(crate) fn saw(&mut self, object: &Text, id: &RecordId, version: Version) -> bool {
        *ids_of(&mut self.seen, object).entry(id.clone()).or_insert(version) == version
    }

    /// Remembers that a handler is shown a record; answers whether it is the first time.
    pub(crate) fn show(&mut self, handler: &Text, event: TriggerEvent, id: &RecordId) -> bool {
        let key = (handler.clone(), event, id.clone());
        let first = self.shown.insert(key.clone());
        if first {
            self.undo.push(Undo::Shown(key));
        }
        first
    }

    /// Returns an id that stands for one the store will assign.
    pub(crate) fn placeholder(&mut self) -> RecordId {
        self.placeholders += 1;
        RecordId::placeholder(self.placeholders)
    }
}

/// Returns what is kept per id of an object; the key is copied only for the object's first record.
fn ids_of<'a, V>(objects: &'a mut Objects<V>, object: &Text) -> &'a mut Ids<V> {
    if !objects.contains_key(object) {
        objects.insert(object.clone(), Ids::default());
    }
    objects.get_mut(object).expect("it is there or was just added")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::WriteKind;

    fn id(text: &str) -> RecordId {
        text.parse().unwrap()
    }

    fn record(value: i64) -> Record {
        Record::new("Contact").with("N", value)
    }

    fn key() -> Text {
        Text::from("contact")
    }

    fn stored(value: i64) -> Origin {
        Origin::Stored(Stored { record: record(value), version: Version(7) })
    }

    #[test]
    fn rollback_restores_the_earlier_image() {
        let mut transaction = Transaction::default();
        transaction.stage(&key(), &id("1"), Image::Live(record(1)), || Origin::New);
        let mark = transaction.mark();
        transaction.stage(&key(), &id("1"), Image::Live(record(2)), || Origin::New);
        transaction.stage(&key(), &id("2"), Image::Live(record(3)), || Origin::New);
        transaction.rollback(mark);
        assert!(
            matches!(transaction.get(&key(), &id("1")), Some(Image::Live(r)) if *r == record(1))
        );
        assert!(transaction.get(&key(), &id("2")).is_none());
        assert_eq!(transaction.plan().writes.len(), 1);
    }

    #[test]
    fn a_record_is_written_once_with_its_last_values_and_first_version() {
        let mut transaction = Transaction::default();
        transaction.stage(&key(), &id("1"), Image::Live(record(2)), || stored(1));
        transaction.stage(&key(), &id("1"), Image::Live(record(3)), || Origin::New);
        let plan = transaction.plan();
        let [write] = plan.writes.as_slice() else { panic!("one write") };
        assert_eq!((write.kind, write.base), (WriteKind::Update, Some(Version(7))));
        assert_eq!(write.record, record(3));
        assert_eq!(write.before, Some(record(1)));
    }

    #[test]
    fn a_record_that_came_and_went_is_not_written() {
        let mut transaction = Transaction::default();
        transaction.stage(&key(), &id("1"), Image::Live(record(1)), || Origin::New);
        transaction.stage(&key(), &id("1"), Image::Deleted(record(1)), || Origin::New);
        assert!(transaction.plan().writes.is_empty());
    }

    #[test]
    fn an_undone_showing_counts_as_never_shown() {
        let mut transaction = Transaction::default();
        let mark = transaction.mark();
        assert!(transaction.show(&"h".into(), TriggerEvent::AfterUpdate, &id("1")));
        assert!(!transaction.show(&"h".into(), TriggerEvent::AfterUpdate, &id("1")));
        transaction.rollback(mark);
        assert!(transaction.show(&"h".into(), TriggerEvent::AfterUpdate, &id("1")));
    }
}
