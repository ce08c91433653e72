#![doc = include_str!("../README.md")]

mod clock;
mod fault;
mod id;
mod recorder;

pub use clock::ManualClock;
pub use fault::{Fault, FaultyDB};
pub use id::CountingIds;
pub use recorder::Recorder;
