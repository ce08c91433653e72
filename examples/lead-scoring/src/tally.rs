//! What a run adds up to.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use circuit_core::Limits;
use lead_scoring::input::{Rejected, Skipped};
use lead_scoring::score::Grade;

use crate::store::{Scored, WasNew};
use crate::usage::Fullest;

/// The sums of a run.
#[derive(Debug)]
pub(crate) struct Tally {
    pub(crate) inserted: u64,
    pub(crate) updated: u64,
    pub(crate) tasks: u64,
    pub(crate) grades: BTreeMap<Grade, u64>,
    pub(crate) rejected: Vec<Rejected>,
    pub(crate) skipped: BTreeMap<String, u64>,
    pub(crate) usage: Fullest,
    pub(crate) time: Duration,
}

impl Tally {
    /// Starts with nothing.
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            inserted: 0,
            updated: 0,
            tasks: 0,
            grades: BTreeMap::new(),
            rejected: Vec::new(),
            skipped: BTreeMap::new(),
            usage: Fullest::of(limits),
            time: Duration::ZERO,
        }
    }

    pub(crate) fn add(&mut self, lead: &Scored) {
        match lead.was_new {
            WasNew::Yes => self.inserted += 1,
            WasNew::No => self.updated += 1,
        }
        if let Some(grade) = lead.grade() {
            *self.grades.entry(grade).or_default() += 1;
        }
    }

    pub(crate) fn skip(&mut self, skipped: Skipped) {
        *self.skipped.entry(skipped.reason).or_default() += 1;
    }

    pub(crate) fn scored(&self) -> u64 {
        self.inserted + self.updated
    }

    /// Returns the microseconds that a stored lead took on average.
    pub(crate) fn micros_per_lead(&self) -> u128 {
        self.time.as_micros() / u128::from(self.scored().max(1))
    }

    /// Returns the rejections by cause, the most frequent first and then by line.
    pub(crate) fn causes(&self) -> Vec<(String, Vec<&Rejected>)> {
        let mut causes: BTreeMap<String, Vec<&Rejected>> = BTreeMap::new();
        for rejected in &self.rejected {
            causes.entry(rejected.cause()).or_default().push(rejected);
        }
        let mut causes: Vec<_> = causes.into_iter().collect();
        causes.sort_by_key(|(_, rows)| (Reverse(rows.len()), rows[0].origin.line));
        causes
    }
}
