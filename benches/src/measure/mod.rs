//! Clocks and the counting allocator.

mod alloc;
mod clock;

pub use alloc::{Allocated, Counting, count};
pub use clock::{Spent, time};
