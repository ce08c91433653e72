//! Watches what handlers do with their threads: stops those that reach a checkpoint too late, and
//! reports those that reach none.
//!
//! Each thread that polls handlers has a [`Slot`]. The one thread of the [`watchdog`] looks at all
//! slots; where a poll has run out of time it raises the alarm, which [`checkpoint`] looks at.

mod checkpoint;
mod slot;
mod stint;
mod stuck;
mod watchdog;

pub use checkpoint::checkpoint;
pub use stuck::{Stuck, ThreadLeft};

pub(crate) use slot::{current_job, is_in_job, on_behalf_of_job};
pub(crate) use stint::{Spent, Stint};
pub(crate) use stuck::{Abandoned, Watched};
pub(crate) use watchdog::start as start_watchdog;
