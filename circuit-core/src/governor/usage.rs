//! What an execution used, as a whole, per handler and per cause.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Limit, Limits, UsageTable, Used};
use crate::value::Text;

/// What an execution used, as a whole, per handler and per cause.
///
/// # Examples
/// ```
/// use circuit_core::Usage;
///
/// assert_eq!(Usage::default().dml_rows(), 0);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    pub(super) total: Used,
    pub(super) cpu: Duration,
    pub(super) chains: Vec<Chain>,
    pub(super) memory: MemorySource,
}

/// Where the bytes of [`Usage::heap_size`] come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MemorySource {
    /// An estimate: the records, query results and log entries that the execution held.
    #[default]
    Estimated,
    /// The program's allocator, a `circuit_alloc::Metered`.
    Measured,
}

/// What a handler used where one chain of handlers led to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Chain {
    pub(super) handler: Text,
    /// The object of the handler; empty outside of handlers.
    #[serde(default)]
    pub(super) object: Text,
    /// The chain that led to it, by its place in the list.
    pub(super) parent: Option<u32>,
    pub(super) used: Used,
    pub(super) cpu: Duration,
}

/// What one chain of handlers used at its end: the handler itself, without those that it set off.
#[derive(Debug, Clone, Copy)]
pub struct CauseUsage<'a> {
    usage: &'a Usage,
    chain: &'a Chain,
}

impl<'a> CauseUsage<'a> {
    /// Returns the handlers from the one that used it up to `host`.
    pub fn path(&self) -> impl Iterator<Item = &'a Text> + use<'a> {
        let chains = &self.usage.chains;
        let up = |chain: &&'a Chain| chain.parent.and_then(|at| chains.get(at as usize));
        std::iter::successors(Some(self.chain), up).map(|chain| &chain.handler)
    }

    /// Returns what was used of something.
    pub fn of(&self, limit: Limit) -> u64 {
        self.chain.used.of(limit)
    }

    /// Returns the processor time, exactly.
    pub fn cpu(&self) -> Duration {
        self.chain.cpu
    }
}

impl Usage {
    /// Returns what was used of something.
    pub fn of(&self, limit: Limit) -> u64 {
        self.total.of(limit)
    }

    /// Returns what was used as a whole.
    pub fn total(&self) -> &Used {
        &self.total
    }

    /// Returns the processor time of all handlers, exactly; [`cpu_time`](Self::cpu_time) is the
    /// same in milliseconds.
    pub fn cpu(&self) -> Duration {
        self.cpu
    }

    /// Returns whether the bytes of memory are measured or an estimate.
    pub fn memory_source(&self) -> MemorySource {
        self.memory
    }

    /// Returns what a handler itself used; `host` for calls from outside.
    pub fn by_handler(&self, handler: &str, limit: Limit) -> u64 {
        let own = self.chains.iter().filter(|chain| *chain.handler == *handler);
        limit.sums().of(own.map(|chain| chain.used.of(limit)))
    }

    /// Returns the processor time of a handler itself, exactly.
    pub fn cpu_of(&self, handler: &str) -> Duration {
        let own = self.chains.iter().filter(|chain| *chain.handler == *handler);
        own.map(|chain| chain.cpu).sum()
    }

    /// Returns the handlers that used something, in the order in which they began to.
    pub fn handlers(&self) -> impl Iterator<Item = &Text> {
        let chains = self.chains.iter().enumerate();
        let first = chains.filter(|(i, chain)| {
            self.chains[..*i].iter().all(|before| before.handler != chain.handler)
        });
        let used = |handler: &&Text| {
            self.chains.iter().any(|chain| chain.handler == **handler && !chain.is_idle())
        };
        first.map(|(_, chain)| &chain.handler).filter(used)
    }

    /// Returns what was used per chain of handlers, in the order in which they began.
    pub fn causes(&self) -> impl Iterator<Item = CauseUsage<'_>> {
        let chains = self.chains.iter().filter(|chain| !chain.is_idle());
        chains.map(|chain| CauseUsage { usage: self, chain })
    }

    /// Returns a table for a terminal: each limit that was touched, its share, and who used it.
    pub fn table<'a>(&'a self, limits: &'a Limits) -> UsageTable<'a> {
        UsageTable { usage: self, limits }
    }
}

impl Chain {
    fn is_idle(&self) -> bool {
        self.used == Used::default() && self.cpu.is_zero()
    }
}

impl fmt::Display for Usage {
    /// Writes what was used; what was not is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let used = Limit::ALL.iter().filter(|limit| self.of(**limit) > 0);
        for (i, limit) in used.clone().enumerate() {
            let lead = if i == 0 { "" } else { ", " };
            write!(f, "{lead}{} {}", self.of(*limit), limit.noun())?;
        }
        if used.count() == 0 { f.write_str("nothing used") } else { Ok(()) }
    }
}
