//! The counters of one execution: as a whole, and per chain of handlers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::limits::Sums;
use super::usage::{Chain, Usage};
use super::warning::Warned;
use super::{Limit, LimitWarning};
use crate::value::Text;

/// The smaller budgets of handlers, by their names.
#[derive(Debug, Default)]
pub(crate) struct Budgets(HashMap<Text, Vec<(Limit, u64)>>);

impl Budgets {
    pub(crate) fn set(&mut self, handler: &Text, limits: &[(Limit, u64)]) {
        if !limits.is_empty() {
            self.0.insert(handler.clone(), limits.to_vec());
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the most that a handler may use of something; `None` for as much as the execution.
    pub(super) fn of(&self, handler: &Text, limit: Limit) -> Option<u64> {
        let own = self.0.get(handler)?.iter().find(|(own, _)| *own == limit);
        own.map(|(_, most)| *most)
    }
}

/// On whose account something is used: a handler, and the chain that led to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Payer(u32);

/// A payer that several threads may set.
#[derive(Debug, Default)]
pub(super) struct AtomicPayer(AtomicU32);

impl AtomicPayer {
    pub(super) fn load(&self) -> Payer {
        Payer(self.0.load(Ordering::Relaxed))
    }

    pub(super) fn swap(&self, payer: Payer) -> Payer {
        Payer(self.0.swap(payer.0, Ordering::Relaxed))
    }
}

/// What was used up to now.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) usage: Usage,
    warned: Warned,
}

/// What the whole and the handler have used of something by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UsedBy {
    pub(super) all: u64,
    pub(super) handler: u64,
}

impl Ledger {
    /// Returns the payer for a handler that another one's doing led to.
    pub(super) fn open(&mut self, parent: Option<Payer>, handler: &Text) -> Payer {
        let parent = parent.map(|payer| payer.0);
        let chains = &mut self.usage.chains;
        let known = |chain: &Chain| chain.parent == parent && chain.handler == *handler;
        let at = chains.iter().position(known).unwrap_or_else(|| {
            chains.push(Chain { handler: handler.clone(), parent, ..Chain::default() });
            chains.len() - 1
        });
        Payer(u32::try_from(at).unwrap_or(u32::MAX))
    }

    pub(super) fn handler(&self, payer: Payer) -> Text {
        self.chain(payer).map(|chain| chain.handler.clone()).unwrap_or_default()
    }

    fn chain(&self, payer: Payer) -> Option<&Chain> {
        self.usage.chains.get(payer.0 as usize)
    }

    /// Counts an amount, or a level where levels do not add up.
    pub(super) fn add(&mut self, limit: Limit, amount: u64, payer: Payer) -> UsedBy {
        let Usage { total, chains, .. } = &mut self.usage;
        if let Some(chain) = chains.get_mut(payer.0 as usize) {
            limit.sums().add(chain.used.of_mut(limit), amount);
        }
        limit.sums().add(total.of_mut(limit), amount);
        self.used_by(limit, payer)
    }

    /// Counts processor time, of which the milliseconds are compared with the limit.
    pub(super) fn add_cpu(&mut self, time: Duration, payer: Payer) -> UsedBy {
        let usage = &mut self.usage;
        usage.cpu += time;
        *usage.total.of_mut(Limit::CpuTime) = milliseconds(usage.cpu);
        if let Some(chain) = usage.chains.get_mut(payer.0 as usize) {
            chain.cpu += time;
            *chain.used.of_mut(Limit::CpuTime) = milliseconds(chain.cpu);
        }
        self.used_by(Limit::CpuTime, payer)
    }

    /// Returns what the processor time would be with some more.
    pub(super) fn with_cpu(&self, time: Duration, payer: Payer) -> UsedBy {
        let handler = self.chain(payer).map_or(Duration::ZERO, |c| self.usage.cpu_of(&c.handler));
        UsedBy { all: milliseconds(self.usage.cpu + time), handler: milliseconds(handler + time) }
    }

    fn used_by(&self, limit: Limit, payer: Payer) -> UsedBy {
        let all = self.usage.of(limit);
        // A handler that only one chain led to needs no sum.
        let handler = match self.chain(payer) {
            Some(chain) if self.usage.chains.len() > 2 => {
                self.usage.by_handler(&chain.handler, limit)
            }
            Some(chain) => chain.used.of(limit),
            None => 0,
        };
        UsedBy { all, handler }
    }

    /// Sets the counts back to an earlier state; time and memory do not go back.
    pub(super) fn restore(&mut self, earlier: &Usage) {
        let now = std::mem::replace(&mut self.usage, earlier.clone());
        for limit in [Limit::CpuTime, Limit::HeapSize, Limit::WallClock] {
            *self.usage.total.of_mut(limit) = now.total.of(limit);
        }
        self.usage.cpu = now.cpu;
        // Payers are places in the list, so it never becomes shorter.
        for (at, later) in now.chains.into_iter().enumerate() {
            if at == self.usage.chains.len() {
                self.usage.chains.push(Chain { used: super::Used::default(), ..later.clone() });
            }
            let chain = &mut self.usage.chains[at];
            chain.cpu = later.cpu;
            for limit in [Limit::CpuTime, Limit::HeapSize] {
                *chain.used.of_mut(limit) = later.used.of(limit);
            }
        }
    }

    pub(super) fn warnings(&self) -> &[LimitWarning] {
        self.warned.list()
    }

    /// Notes the shares of a limit that are crossed for the first time, and returns them.
    pub(super) fn warn(
        &mut self,
        limit: Limit,
        used: u64,
        most: u64,
        payer: Payer,
    ) -> Vec<LimitWarning> {
        let handler = self.handler(payer);
        self.warned.cross(limit, used, most, &handler)
    }
}

impl Sums {
    fn add(self, count: &mut u64, amount: u64) {
        *count = match self {
            Self::Sum => count.saturating_add(amount),
            Self::Greatest => (*count).max(amount),
        };
    }
}

pub(super) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
