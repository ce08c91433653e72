//! Clocks and the counting allocator.

mod alloc;
mod clock;

pub use alloc::{Allocated, Counting, count};
pub use clock::{Spent, time};

use std::hint::black_box;

/// Returns the least CPU time of `passes` runs, in nanoseconds; what `work` returns is dropped
/// outside of the clock.
pub fn least<I, T>(
    passes: usize,
    mut prepare: impl FnMut() -> I,
    mut work: impl FnMut(I) -> T,
) -> f64 {
    let mut least = f64::INFINITY;
    for _ in 0..passes {
        let input = prepare();
        let (answer, spent) = time(|| black_box(work(input)));
        drop(answer);
        least = least.min(spent.cpu.as_secs_f64() * 1e9);
    }
    least
}
