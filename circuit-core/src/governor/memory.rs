//! The memory of an execution: measured where the program's allocator counts, else estimated.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use circuit_alloc::Account;

use super::MemorySource;

/// What an execution holds, in bytes.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    account: Account,
    estimated: AtomicU64,
    estimated_peak: AtomicU64,
}

/// Returns whether bytes are measured in this program.
pub(crate) fn source() -> MemorySource {
    static SOURCE: LazyLock<MemorySource> = LazyLock::new(|| {
        if circuit_alloc::is_installed() { MemorySource::Measured } else { MemorySource::Estimated }
    });
    *SOURCE
}

impl Memory {
    /// Runs a part of the execution and counts what it allocates.
    pub(super) fn run<T>(&self, most: u64, work: impl FnOnce() -> T) -> T {
        match source() {
            MemorySource::Measured => self.account.run(most, work),
            MemorySource::Estimated => work(),
        }
    }

    /// Returns the most bytes that were held at a time.
    pub(super) fn peak(&self) -> u64 {
        match source() {
            MemorySource::Measured => self.account.peak(),
            MemorySource::Estimated => self.estimated_peak.load(Ordering::Relaxed),
        }
    }

    /// Adds bytes that are held now, where bytes are estimated; returns what is held in all.
    pub(super) fn hold(&self, bytes: u64) -> u64 {
        let held = self.estimated.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        self.estimated_peak.fetch_max(held, Ordering::Relaxed);
        held
    }

    /// Takes back bytes that are held no longer.
    pub(super) fn release(&self, bytes: u64) {
        self.estimated.fetch_sub(bytes, Ordering::Relaxed);
    }
}
