//! Savepoints: places to which a handler or host can go back (A8).

use super::{Because, Mark, Transaction};

/// A place in the execution to which the code that set it can go back.
///
/// It is set with [`Execution::set_savepoint`](crate::Execution::set_savepoint).
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a savepoint that is not used still costs a DML statement"]
pub struct Savepoint(u64);

/// The savepoints that are active, oldest first.
#[derive(Debug, Default)]
pub(super) struct Savepoints {
    last: u64,
    active: Vec<Active>,
}

#[derive(Debug)]
struct Active {
    number: u64,
    /// Which call of a handler set it; it means nothing in another one.
    place: usize,
    mark: Mark,
}

impl Transaction {
    /// Sets a savepoint for a place.
    pub(crate) fn set_savepoint(&mut self, place: usize) -> Savepoint {
        let mark = self.mark();
        self.savepoints.last += 1;
        let number = self.savepoints.last;
        self.savepoints.active.push(Active { number, place, mark });
        Savepoint(number)
    }

    /// Goes back to a savepoint, which stays; answers whether the place has it still.
    pub(crate) fn rollback_to(&mut self, savepoint: &Savepoint, place: usize) -> bool {
        let Some(at) = self.savepoints.find(savepoint, place) else {
            return false;
        };
        self.savepoints.active.truncate(at + 1);
        self.rollback(self.savepoints.active[at].mark, Because::Abandoned);
        true
    }

    /// Gives up a savepoint and the later ones; answers whether the place had it still.
    pub(crate) fn release_savepoint(&mut self, savepoint: &Savepoint, place: usize) -> bool {
        let Some(at) = self.savepoints.find(savepoint, place) else {
            return false;
        };
        self.savepoints.active.truncate(at);
        true
    }

    /// Gives up what a place left behind: savepoints never leave the call that set them.
    pub(crate) fn release_savepoints_of(&mut self, place: usize) {
        self.savepoints.active.retain(|active| active.place != place);
    }

    /// Returns whether any savepoint is active.
    pub(crate) fn has_savepoints(&self) -> bool {
        !self.savepoints.active.is_empty()
    }
}

impl Savepoints {
    fn find(&self, savepoint: &Savepoint, place: usize) -> Option<usize> {
        self.active.iter().position(|active| active.number == savepoint.0 && active.place == place)
    }
}
