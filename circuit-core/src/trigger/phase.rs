//! What the compiler knows about a handler's events.

use std::marker::PhantomData;

/// The new records can be changed.
#[derive(Debug)]
pub struct Mutable;

/// The new records can be read.
#[derive(Debug)]
pub struct ReadOnly;

/// There are no such records.
#[derive(Debug)]
pub struct Absent;

/// The old records are there.
#[derive(Debug)]
pub struct Present;

/// It depends on the event: only the run-time checked form works.
#[derive(Debug)]
pub struct Varies;

/// What a handler's events have in common: the states of the new and of the old records.
///
/// `#[trigger]` writes it into the type of the handler's context.
#[derive(Debug)]
pub struct Phase<New, Old>(PhantomData<(New, Old)>);

/// The phase of a context of which nothing is known at compile time.
pub type Checked = Phase<Varies, Varies>;

/// The new records are there in every event of the handler.
#[diagnostic::on_unimplemented(
    message = "this handler has no new records in at least one of its events",
    label = "no `new_records` in delete events",
    note = "delete events have old records only: use `old_records`, or `try_new_records` in a \
            handler that also runs for other events"
)]
pub trait NewPresent {}

/// The new records can be changed in every event of the handler.
#[diagnostic::on_unimplemented(
    message = "this handler cannot change its records in at least one of its events",
    label = "new records can be changed before insert and before update only",
    note = "after the save, write changes with `ctx.update(..)`; a handler that also runs for \
            before events can use `try_new_records_mut`"
)]
pub trait NewMutable: NewPresent {}

/// The old records are there in every event of the handler.
#[diagnostic::on_unimplemented(
    message = "this handler has no old records in at least one of its events",
    label = "no `old_records` in insert and undelete events",
    note = "old records exist in update and delete events: a handler that also runs for others \
            can use `try_old_records`"
)]
pub trait OldPresent {}

impl<Old> NewPresent for Phase<Mutable, Old> {}
impl<Old> NewPresent for Phase<ReadOnly, Old> {}
impl<Old> NewMutable for Phase<Mutable, Old> {}
impl<New> OldPresent for Phase<New, Present> {}
