//! What records cost an execution in memory, where the program's allocator does not tell.
//!
//! Where it does, one thing is left: what a store has read on a thread of its own.

use std::sync::atomic::Ordering;

use super::execution::Execution;
use crate::db::QueryAnswer;
use crate::error::Result;
use crate::governor::{MemorySource, memory_source};
use crate::record::Record;

impl Execution {
    /// Counts records that are written: they are held to the end of the execution.
    pub(super) fn hold_written(&self, records: &[Record]) -> Result<()> {
        match memory_source() {
            MemorySource::Measured => Ok(()),
            MemorySource::Estimated => self.governor().hold(size(records.iter()), self.payer()),
        }
    }

    /// Counts records that were found: they are held until the handler that asked returns. `before` is
    /// what was held before the query, where that is measured.
    pub(super) fn hold_found(&self, answer: &QueryAnswer, before: u64) -> Result<()> {
        if answer.records.is_empty() {
            return Ok(());
        }
        let found = size(answer.records.iter().map(|stored| &stored.record));
        match memory_source() {
            MemorySource::Measured => {
                let seen = circuit_alloc::held().saturating_sub(before);
                if seen < found / 2 {
                    circuit_alloc::charge(found - seen);
                }
                self.governor().check(self.payer())
            }
            MemorySource::Estimated => {
                self.0.held.fetch_add(found, Ordering::Relaxed);
                self.governor().hold(found, self.payer())
            }
        }
    }

    /// Takes back what was held for the handler of this place.
    pub(super) fn release_found(&self) {
        let held = self.0.held.swap(0, Ordering::Relaxed);
        if held > 0 {
            self.governor().release(held);
        }
    }
}

/// Estimates the bytes of records, those that are shared with a store aside.
fn size<'a>(records: impl Iterator<Item = &'a Record>) -> u64 {
    records.map(Record::size).sum()
}
