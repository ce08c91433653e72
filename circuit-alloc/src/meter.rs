//! What the present thread has allocated.

use std::cell::Cell;
use std::hint::black_box;

use crate::Account;

/// Numbers of the thread's innermost account, in bytes. They have no destructor, so that an allocator
/// may look at them at any time.
#[derive(Debug)]
pub(crate) struct Meter {
    /// Allocated and not freed, as far as the thread knows: never below zero, so that freeing what
    /// came from outside makes no more room than is taken.
    pub(crate) held: Cell<i64>,
    /// The most that was held.
    pub(crate) peak: Cell<i64>,
    /// The most that may be.
    pub(crate) most: Cell<i64>,
}

thread_local! {
    static METER: Meter =
        const { Meter { held: Cell::new(0), peak: Cell::new(0), most: Cell::new(i64::MAX) } };
}

/// Looks at the numbers of this thread.
#[inline]
pub(crate) fn with<T>(look: impl FnOnce(&Meter) -> T) -> T {
    METER.with(look)
}

impl Meter {
    #[inline]
    pub(crate) fn add(&self, bytes: usize) {
        let held = self.held.get().wrapping_add_unsigned(bytes as u64);
        self.held.set(held);
        if held > self.peak.get() {
            self.peak.set(held);
        }
    }

    #[inline]
    pub(crate) fn subtract(&self, bytes: usize) {
        self.held.set(self.held.get().wrapping_sub_unsigned(bytes as u64).max(0));
    }
}

/// Returns whether the work that this thread is at has held more than it may; false outside of
/// [`Account::run`].
#[inline]
pub fn is_over() -> bool {
    with(|meter| meter.peak.get() > meter.most.get())
}

/// Returns the most that the work that this thread is at has held in this part, and the most that it
/// may, in bytes.
///
/// # Examples
/// ```
/// let account = circuit_alloc::Account::default();
/// let (peak, most) = account.run(1_000, circuit_alloc::peak_and_most);
/// assert!(peak <= most && most == 1_000);
/// ```
pub fn peak_and_most() -> (u64, u64) {
    with(|meter| (positive(meter.peak.get()), positive(meter.most.get())))
}

/// Returns the bytes that the work that this thread is at holds now.
pub fn held() -> u64 {
    with(|meter| positive(meter.held.get()))
}

/// Adds bytes that another thread allocated for the work that this thread is at.
///
/// # Examples
/// ```
/// let account = circuit_alloc::Account::default();
/// account.run(1_000, || circuit_alloc::charge(5_000));
/// assert_eq!((account.held(), account.peak()), (5_000, 5_000));
/// ```
pub fn charge(bytes: u64) {
    with(|meter| meter.add(usize::try_from(bytes).unwrap_or(usize::MAX)));
}

fn positive(bytes: i64) -> u64 {
    u64::try_from(bytes).unwrap_or_default()
}

/// Returns whether the program's allocator is a [`Metered`](crate::Metered).
pub fn is_installed() -> bool {
    let account = Account::default();
    account.run(u64::MAX, || drop(black_box(Vec::<u8>::with_capacity(black_box(64)))));
    account.peak() >= 64
}
