//! How near the executions came to their limits.

use circuit_core::{Limit, Limits, Usage};

/// The most that one execution of the run used, limit by limit.
#[derive(Debug)]
pub(crate) struct Fullest {
    executions: u64,
    most: Vec<(Limit, u64)>,
    limits: Limits,
}

impl Fullest {
    /// Starts with no execution.
    pub(crate) fn of(limits: Limits) -> Self {
        let most = Limit::ALL.iter().map(|limit| (*limit, 0)).collect();
        Self { executions: 0, most, limits }
    }

    /// Counts an execution.
    pub(crate) fn add(&mut self, usage: &Usage) {
        self.executions += 1;
        for (limit, most) in &mut self.most {
            *most = usage.of(*limit).max(*most);
        }
    }

    pub(crate) fn executions(&self) -> u64 {
        self.executions
    }

    /// Returns for each limit what is counted, the most used, and the most allowed.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&'static str, u64, u64)> {
        self.most.iter().map(|(limit, most)| (limit.noun(), *most, self.limits.of(*limit)))
    }
}
