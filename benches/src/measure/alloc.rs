//! An allocator that counts, when asked to.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicIsize, AtomicUsize, Ordering::Relaxed};

static ON: AtomicBool = AtomicBool::new(false);
static TIMES: AtomicUsize = AtomicUsize::new(0);
static LIVE: AtomicIsize = AtomicIsize::new(0);

/// The system's allocator; counts while [`count`] runs, and costs one load and a jump else.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counting;

/// What was allocated while something ran.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Allocated {
    /// How often memory was asked for; a block that grew counts again.
    pub times: usize,
    /// The bytes that were taken and not given back.
    pub live: isize,
}

/// Counts the allocations of all threads while `work` runs.
///
/// The program must have [`Counting`] as its global allocator.
pub fn count<T>(work: impl FnOnce() -> T) -> (T, Allocated) {
    TIMES.store(0, Relaxed);
    LIVE.store(0, Relaxed);
    ON.store(true, Relaxed);
    let answer = work();
    ON.store(false, Relaxed);
    let allocated = Allocated { times: TIMES.load(Relaxed), live: LIVE.load(Relaxed) };
    (answer, allocated)
}

fn note(times: usize, before: usize, after: usize) {
    if ON.load(Relaxed) {
        TIMES.fetch_add(times, Relaxed);
        LIVE.fetch_add(after.cast_signed() - before.cast_signed(), Relaxed);
    }
}

#[expect(unsafe_code, reason = "an allocator is unsafe; each call goes to `System` as it came")]
// SAFETY: every method hands its arguments to `System` and returns what it answers.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(1, 0, layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(1, 0, layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(1, layout.size(), size);
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        note(0, layout.size(), 0);
        unsafe { System.dealloc(block, layout) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_counted_while_it_is_off() {
        note(1, 0, 100);
        assert_eq!(count(|| ()).1, Allocated::default());
    }

    #[test]
    fn a_block_that_grows_counts_twice_and_leaves_its_last_size() {
        let ((), allocated) = count(|| {
            note(1, 0, 100);
            note(1, 100, 300);
        });
        assert_eq!(allocated, Allocated { times: 2, live: 300 });
    }
}
