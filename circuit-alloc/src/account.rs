//! The account of one piece of work, which may run in several parts.

use crate::meter;

/// What one piece of work holds and held at most, in bytes.
///
/// The work may run in parts, such as the polls of a future, also on several threads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Account {
    held: i64,
    peak: i64,
}

impl Account {
    /// Runs a part of the work and counts what it allocates and frees on this thread.
    ///
    /// `most` is what the whole work may hold, in bytes: [`is_over`](crate::is_over) tells inside.
    ///
    /// # Examples
    /// ```
    /// let mut account = circuit_alloc::Account::default();
    /// assert_eq!(account.run(1_000, || 6 * 7), 42);
    /// ```
    pub fn run<T>(&mut self, most: u64, work: impl FnOnce() -> T) -> T {
        let _running = Running::start(self, most);
        work()
    }

    /// Returns the bytes that were allocated and not freed; less than nothing where more was freed.
    pub fn held(&self) -> i64 {
        self.held
    }

    /// Returns the most bytes that were held at a time.
    pub fn peak(&self) -> u64 {
        u64::try_from(self.peak).unwrap_or_default()
    }

    /// Returns whether more than `most` bytes were held at a time.
    pub fn is_over(&self, most: u64) -> bool {
        self.peak() > most
    }
}

/// A part that runs; what was before it is there again when it is dropped, also by a panic.
struct Running<'a> {
    account: &'a mut Account,
    /// Held, peak and most of the work around this one.
    outer: (i64, i64, i64),
}

impl<'a> Running<'a> {
    fn start(account: &'a mut Account, most: u64) -> Self {
        let outer = meter::with(|meter| {
            let outer = (meter.held.get(), meter.peak.get(), meter.most.get());
            let left = outer.2.saturating_sub(outer.0).saturating_add(account.held);
            meter.held.set(account.held);
            // The peak of this part alone: the work around it held other amounts at other times.
            meter.peak.set(account.held);
            meter.most.set(i64::try_from(most).unwrap_or(i64::MAX).min(left));
            outer
        });
        Self { account, outer }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        meter::with(|meter| {
            let (held, peak) = (meter.held.get(), meter.peak.get());
            let (before, outer_peak, outer_most) = self.outer;
            let base = before.saturating_sub(self.account.held);
            meter.held.set(base.saturating_add(held));
            meter.peak.set(outer_peak.max(base.saturating_add(peak)));
            meter.most.set(outer_most);
            self.account.held = held;
            self.account.peak = self.account.peak.max(peak);
        });
    }
}
