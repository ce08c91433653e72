//! The allocator.

use std::alloc::{GlobalAlloc, Layout};

use crate::meter;

/// An allocator that counts for the work that its thread is at, see [`Account`](crate::Account).
///
/// # Examples
/// ```
/// use std::alloc::System;
///
/// #[global_allocator]
/// static ALLOCATOR: circuit_alloc::Metered<System> = circuit_alloc::Metered::new(System);
///
/// assert!(circuit_alloc::is_installed());
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Metered<A>(A);

impl<A> Metered<A> {
    /// Wraps an allocator.
    pub const fn new(inner: A) -> Self {
        Self(inner)
    }
}

#[expect(
    unsafe_code,
    reason = "an allocator is unsafe; each call goes to the inner one as it came"
)]
// SAFETY: every method hands its arguments to the inner allocator, which keeps the contract, and
// returns what it answers. Counting neither allocates nor unwinds.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Metered<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are those that the inner allocator asks for.
        let block = unsafe { self.0.alloc(layout) };
        count(block, layout.size());
        block
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as in `alloc`.
        let block = unsafe { self.0.alloc_zeroed(layout) };
        count(block, layout.size());
        block
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as in `alloc`; the block came from the inner allocator.
        let moved = unsafe { self.0.realloc(block, layout, size) };
        if !moved.is_null() {
            meter::with(|meter| {
                meter.subtract(layout.size());
                meter.add(size);
            });
        }
        moved
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        meter::with(|meter| meter.subtract(layout.size()));
        // SAFETY: as in `realloc`.
        unsafe { self.0.dealloc(block, layout) }
    }
}

#[inline]
fn count(block: *mut u8, bytes: usize) {
    if !block.is_null() {
        meter::with(|meter| meter.add(bytes));
    }
}
