//! The staged transaction: what an execution wrote, kept in memory until its end.

mod hook;
mod plan;
mod savepoint;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use foldhash::fast::FixedState;

pub(crate) use hook::{Hook, HookKind};
pub use savepoint::Savepoint;

use crate::db::{Stored, Version};
use crate::record::{Record, RecordId};
use crate::value::{Text, Value};

/// A record as the execution sees it now.
#[derive(Debug, Clone)]
pub(crate) enum Image {
    Live(Record),
    /// In the recycle bin, together with the record whose delete took it along.
    Deleted(Record, Option<Box<RecordId>>),
    /// Deleted for good.
    Gone(Record),
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
    /// `None` if what was staged was taken back: the record is as it was before.
    image: Option<Image>,
    origin: Origin,
}

#[derive(Debug)]
enum Undo {
    /// The last record was staged for the first time.
    Staged(Text),
    /// A record had this image.
    Changed(usize, Option<Image>),
    /// The last hook was registered.
    Hooked,
}

/// Why work is undone, which decides about the hooks that wait for a rollback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Because {
    /// It failed: if the execution fails too, its after-rollback hooks run.
    Failed,
    /// It is given up for another attempt, or a savepoint was rolled back to.
    Abandoned,
}

/// An object's key, the slot of a unique field and a value of it.
type Claim = (Text, usize, Text);
type Ids<V> = HashMap<RecordId, V, FixedState>;
type Objects<V> = HashMap<Text, Ids<V>, FixedState>;

/// A place in the undo log to which the transaction can go back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark(usize, u64);

/// The writes of one execution, with an undo log for the operations that fail.
///
/// Keys are the lower-cased object name and the record's id.
#[derive(Debug, Default)]
pub(crate) struct Transaction {
    staged: Vec<Staged>,
    objects: Objects<usize>,
    undo: Vec<Undo>,
    seen: Objects<Version>,
    /// The records that nobody else may change until the commit, with their object's name.
    locked: Objects<(Text, Version)>,
    /// Who had a unique value at some time; what is undone stays, so readers look at the image.
    claims: HashMap<Claim, Vec<RecordId>, FixedState>,
    hooks: hook::Hooks,
    savepoints: savepoint::Savepoints,
    placeholders: u64,
    /// The staged record of each write of the plan.
    planned: Vec<usize>,
    /// The objects of the plan, as they are written.
    names: Vec<Text>,
    /// The object and record of each check that follows the writes of the plan.
    checked: Vec<(Text, RecordId)>,
}

impl Transaction {
    /// Returns the place to go back to if what follows fails.
    pub(crate) fn mark(&self) -> Mark {
        Mark(self.undo.len(), self.hooks.registered())
    }

    /// Undoes everything since the mark.
    pub(crate) fn rollback(&mut self, mark: Mark, because: Because) {
        while self.undo.len() > mark.0 {
            match self.undo.pop() {
                Some(Undo::Staged(object)) => {
                    let staged = self.staged.pop().expect("each stage has one undo entry");
                    self.objects.get_mut(&object).map(|ids| ids.remove(&staged.id));
                }
                Some(Undo::Changed(at, image)) => self.staged[at].image = image,
                Some(Undo::Hooked) => self.hooks.undo(because),
                None => {}
            }
        }
        if because == Because::Abandoned {
            self.hooks.forget_failed_since(mark.1);
        }
    }

    /// Takes back what was staged for one record since the mark; all else stays.
    pub(crate) fn take_back(&mut self, mark: Mark, object: &Text, id: &RecordId) {
        let Some(&at) = self.objects.get(object).and_then(|ids| ids.get(id)) else {
            return;
        };
        let since = &self.undo[mark.0..];
        let new = since.iter().filter(|entry| matches!(entry, Undo::Staged(_))).count();
        let changed = since.iter().find_map(|entry| match entry {
            Undo::Changed(place, image) if *place == at => Some(image.clone()),
            _ => None,
        });
        let earlier = if at >= self.staged.len() - new { Some(None) } else { changed };
        let Some(earlier) = earlier else { return };
        let now = std::mem::replace(&mut self.staged[at].image, earlier);
        self.undo.push(Undo::Changed(at, now));
    }

    /// Returns a staged record.
    pub(crate) fn get(&self, object: &Text, id: &RecordId) -> Option<&Image> {
        let at = self.objects.get(object)?.get(id)?;
        self.staged[*at].image.as_ref()
    }

    /// Returns the staged records of an object.
    pub(crate) fn of_object(&self, object: &Text) -> impl Iterator<Item = (&RecordId, &Image)> {
        let ids = self.objects.get(object).into_iter().flatten();
        ids.filter_map(|(id, at)| Some((id, self.staged[*at].image.as_ref()?)))
    }

    /// Returns what was written of an object as queries see it: `None` for a record that they do not.
    ///
    /// What is inserted and deleted again is never stored, so it is not even in the recycle bin.
    pub(crate) fn seen_of<'a>(
        &'a self,
        object: &Text,
        deleted: bool,
    ) -> impl Iterator<Item = (&'a RecordId, Option<&'a Record>)> + use<'a> {
        let ids = self.objects.get(object).into_iter().flatten();
        ids.filter_map(move |(id, at)| {
            let staged = &self.staged[*at];
            let record = match (staged.image.as_ref()?, &staged.origin) {
                (Image::Live(record), _) => Some(record),
                (Image::Deleted(record, _), origin) if deleted => {
                    (!matches!(origin, Origin::New)).then_some(record)
                }
                _ => None,
            };
            Some((id, record))
        })
    }

    /// Returns the keys of the objects of which a record was written.
    pub(crate) fn staged_objects(&self) -> impl Iterator<Item = &Text> {
        self.objects.iter().filter(|(_, ids)| !ids.is_empty()).map(|(object, _)| object)
    }

    /// Returns whether the execution would write anything if it were committed now.
    pub(crate) fn is_dirty(&self) -> bool {
        self.staged.iter().any(|staged| staged.image.is_some())
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
                let old = self.staged[at].image.replace(image);
                self.undo.push(Undo::Changed(at, old));
            }
            Entry::Vacant(free) => {
                free.insert(self.staged.len());
                self.staged.push(Staged { id: id.clone(), image: Some(image), origin: origin() });
                self.undo.push(Undo::Staged(object.clone()));
            }
        }
    }

    /// Stages a new record; answers whether its id was free in this execution.
    pub(crate) fn stage_new(&mut self, object: &Text, id: &RecordId, record: Record) -> bool {
        let image = Some(Image::Live(record));
        match ids_of(&mut self.objects, object).entry(id.clone()) {
            Entry::Vacant(free) => {
                free.insert(self.staged.len());
                self.staged.push(Staged { id: id.clone(), image, origin: Origin::New });
                self.undo.push(Undo::Staged(object.clone()));
                true
            }
            Entry::Occupied(known) => {
                let (at, staged) = (*known.get(), &mut self.staged[*known.get()]);
                let free = staged.image.is_none() && matches!(staged.origin, Origin::New);
                if free {
                    staged.image = image;
                    self.undo.push(Undo::Changed(at, None));
                }
                free
            }
        }
    }

    /// Remembers the version in which a record was read first; answers whether it is still that.
    pub(crate) fn saw(&mut self, object: &Text, id: &RecordId, version: Version) -> bool {
        *ids_of(&mut self.seen, object).entry(id.clone()).or_insert(version) == version
    }

    /// Has the record's version checked at the commit, also if nothing of it is written.
    pub(crate) fn lock(&mut self, object: &Text, name: &Text, id: &RecordId, version: Version) {
        ids_of(&mut self.locked, object).insert(id.clone(), (name.clone(), version));
    }

    /// Remembers that a record has a unique value.
    pub(crate) fn claim(&mut self, object: &Text, slot: usize, value: Text, id: &RecordId) {
        let holders = self.claims.entry((object.clone(), slot, value)).or_default();
        if !holders.contains(id) {
            holders.push(id.clone());
        }
    }

    /// Returns the staged record that has a unique value now.
    pub(crate) fn holder(&self, object: &Text, slot: usize, value: &Text) -> Option<&RecordId> {
        let holders = self.claims.get(&(object.clone(), slot, value.clone()))?;
        holders.iter().find(|id| match self.get(object, id) {
            Some(Image::Live(record)) => {
                record.get_slot(slot).and_then(Value::unique_key).as_ref() == Some(value)
            }
            _ => false,
        })
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
        transaction.rollback(mark, Because::Failed);
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
        transaction.stage(&key(), &id("1"), Image::Deleted(record(1), None), || Origin::New);
        assert!(transaction.plan().writes.is_empty());
    }

    #[test]
    fn one_record_can_be_taken_back_alone() {
        let mut transaction = Transaction::default();
        transaction.stage(&key(), &id("1"), Image::Live(record(1)), || stored(0));
        let mark = transaction.mark();
        transaction.stage(&key(), &id("1"), Image::Live(record(2)), || Origin::New);
        transaction.stage(&key(), &id("1"), Image::Live(record(3)), || Origin::New);
        transaction.stage(&key(), &id("2"), Image::Live(record(4)), || Origin::New);
        transaction.take_back(mark, &key(), &id("1"));
        transaction.take_back(mark, &key(), &id("2"));
        let now = |transaction: &Transaction| match transaction.get(&key(), &id("1")) {
            Some(Image::Live(record)) => record.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(now(&transaction), record(1));
        assert!(transaction.get(&key(), &id("2")).is_none());
        assert_eq!(transaction.plan().writes.len(), 1);
    }

    #[test]
    fn what_was_taken_back_comes_and_goes_with_its_mark() {
        let mut transaction = Transaction::default();
        let mark = transaction.mark();
        transaction.stage(&key(), &id("2"), Image::Live(record(4)), || Origin::New);
        let later = transaction.mark();
        transaction.take_back(mark, &key(), &id("2"));
        transaction.rollback(later, Because::Failed);
        assert!(transaction.get(&key(), &id("2")).is_some());
    }
}
