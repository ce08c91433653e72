//! Where a handler that runs too long can be stopped.

use std::sync::atomic::{AtomicBool, Ordering};

use super::slot;

/// Whether any poll of this process has run out of time.
pub(super) static ALARM: AtomicBool = AtomicBool::new(false);

/// Ends the running handler if its execution has passed a limit; else costs next to nothing.
///
/// `#[trigger]` puts it at the start of the handler and of each of its loops. Call it in loops of
/// functions that handlers call. The handler is unwound from here, as by a panic, and its execution
/// fails with [`ErrorKind::LimitExceeded`](crate::ErrorKind::LimitExceeded); outside of handlers
/// nothing happens. Locks that the handler holds are released, and poisoned, as by a panic; with
/// `panic = "abort"` the process ends.
///
/// # Examples
/// ```
/// fn collatz(mut number: u64) -> u32 {
///     let mut steps = 0;
///     while number != 1 {
///         circuit_core::checkpoint();
///         number = if number % 2 == 0 { number / 2 } else { 3 * number + 1 };
///         steps += 1;
///     }
///     steps
/// }
/// assert_eq!(collatz(27), 111);
/// ```
#[inline]
pub fn checkpoint() {
    if ALARM.load(Ordering::Relaxed) || circuit_alloc::is_over() {
        slot::stop_if_over();
    }
}
