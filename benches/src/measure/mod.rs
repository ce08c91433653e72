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

/// Returns the least CPU time of each peer's passes, in nanoseconds. The peers take turns, so that a
/// noisy moment meets all; what they return is dropped outside of the clock.
pub fn in_turns<const N: usize>(
    passes: usize,
    mut peers: [&mut dyn FnMut() -> f64; N],
) -> [f64; N] {
    let mut least = [f64::INFINITY; N];
    for _ in 0..passes {
        for (least, peer) in least.iter_mut().zip(&mut peers) {
            *least = least.min(peer());
        }
    }
    least
}

/// Runs `work` `times` times and returns the CPU time of one, in nanoseconds.
pub fn pass<T>(times: u32, mut work: impl FnMut() -> T) -> f64 {
    let (answer, spent) = time(|| (0..times).map(|_| black_box(work())).last());
    drop(answer);
    spent.cpu.as_secs_f64() * 1e9 / f64::from(times)
}
