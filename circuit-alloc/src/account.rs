//! The account of one piece of work, which may run in several parts.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::meter;

/// What one piece of work holds and held at most, in bytes.
///
/// The work may run in parts, such as the polls of a future, also on several threads and at the same
/// time: parts that run at once know of each other's bytes when they end.
#[derive(Debug, Default)]
pub struct Account {
    held: AtomicI64,
    peak: AtomicI64,
}

impl Account {
    /// Runs a part of the work and counts what it allocates and frees on this thread.
    ///
    /// `most` is what the whole work may hold, in bytes: [`is_over`](crate::is_over) tells inside.
    ///
    /// # Examples
    /// ```
    /// let account = circuit_alloc::Account::default();
    /// assert_eq!(account.run(1_000, || 6 * 7), 42);
    /// ```
    pub fn run<T>(&self, most: u64, work: impl FnOnce() -> T) -> T {
        let _running = Running::start(self, most);
        work()
    }

    /// Returns the bytes that were allocated and not freed, as of the end of the last part.
    pub fn held(&self) -> u64 {
        u64::try_from(self.held.load(Ordering::Relaxed)).unwrap_or_default()
    }

    /// Returns the most bytes that were held at a time.
    pub fn peak(&self) -> u64 {
        u64::try_from(self.peak.load(Ordering::Relaxed)).unwrap_or_default()
    }

    /// Returns whether more than `most` bytes were held at a time.
    pub fn is_over(&self, most: u64) -> bool {
        self.peak() > most
    }

    /// Adds what a part has held more than it found, or less.
    fn settle(&self, change: i64) {
        let held = self.held.fetch_add(change, Ordering::Relaxed).saturating_add(change);
        self.peak.fetch_max(held, Ordering::Relaxed);
    }
}

/// A part that runs; what was before it is there again when it is dropped, also by a panic.
struct Running<'a> {
    account: &'a Account,
    /// What the work held when the part began.
    found: i64,
    /// Held, peak and most of the work around this one.
    outer: (i64, i64, i64),
}

impl<'a> Running<'a> {
    fn start(account: &'a Account, most: u64) -> Self {
        let found = account.held.load(Ordering::Relaxed);
        let outer = meter::with(|meter| {
            let outer = (meter.held.get(), meter.peak.get(), meter.most.get());
            let left = outer.2.saturating_sub(outer.0).saturating_add(found);
            meter.held.set(found);
            // The peak of this part alone: the work around it held other amounts at other times.
            meter.peak.set(found);
            meter.most.set(i64::try_from(most).unwrap_or(i64::MAX).min(left));
            outer
        });
        Self { account, found, outer }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let (held, peak) = meter::with(|meter| {
            let (held, peak) = (meter.held.get(), meter.peak.get());
            let (before, outer_peak, outer_most) = self.outer;
            let base = before.saturating_sub(self.found);
            meter.held.set(base.saturating_add(held).max(0));
            meter.peak.set(outer_peak.max(base.saturating_add(peak)));
            meter.most.set(outer_most);
            (held, peak)
        });
        self.account.settle(held - self.found);
        self.account.peak.fetch_max(peak, Ordering::Relaxed);
    }
}
