//! The counters of one execution: as a whole, and per chain of handlers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::limits::Sums;
use super::usage::{Chain, Usage};
use super::warning::Warned;
use super::{Limit, LimitWarning};
use crate::value::Text;

/// The smaller budgets of handlers: by their names, which are unique among those of an object.
#[derive(Debug, Default)]
pub(crate) struct Budgets(HashMap<Text, Vec<(Text, Limit, u64)>>);

impl Budgets {
    pub(crate) fn set(&mut self, handler: &Text, object: &Text, limits: &[(Limit, u64)]) {
        if !limits.is_empty() {
            let own = limits.iter().map(|(limit, most)| (object.clone(), *limit, *most));
            self.0.entry(handler.clone()).or_default().extend(own);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the most that a handler may use of something; `None` for as much as the execution.
    pub(super) fn of(&self, handler: &Text, object: &Text, limit: Limit) -> Option<u64> {
        let mut budgets = self.0.get(handler)?.iter();
        let own = budgets.find(|(of, own, _)| *own == limit && of.eq_ignore_ascii_case(object));
        own.map(|(.., most)| *most)
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
    pub(super) fn open(&mut self, parent: Option<Payer>, handler: &Text, object: &Text) -> Payer {
        let parent = parent.map(|payer| payer.0);
        let chains = &mut self.usage.chains;
        let known = |chain: &Chain| {
            chain.parent == parent && chain.handler == *handler && chain.object == *object
        };
        let at = chains.iter().position(known).unwrap_or_else(|| {
            let (handler, object) = (handler.clone(), object.clone());
            chains.push(Chain { handler, object, parent, ..Chain::default() });
            chains.len() - 1
        });
        Payer(u32::try_from(at).unwrap_or(u32::MAX))
    }

    /// Returns the name of a payer's handler, and its object.
    pub(super) fn handler(&self, payer: Payer) -> Option<(&Text, &Text)> {
        self.chain(payer).map(|chain| (&chain.handler, &chain.object))
    }

    /// Returns all chains that lead to the handler of a payer.
    fn chains_of(&self, payer: Payer) -> impl Iterator<Item = &Chain> {
        let own = self.handler(payer);
        let chains = self.usage.chains.iter();
        chains.filter(move |chain| own == Some((&chain.handler, &chain.object)))
    }

    /// Returns the processor time of a payer's handler.
    pub(super) fn cpu_of(&self, payer: Payer) -> Duration {
        self.chains_of(payer).map(|chain| chain.cpu).sum()
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

    /// Returns what the processor time would be with some more: the handler's, and that of others.
    pub(super) fn with_cpu(&self, own: Duration, others: Duration, payer: Payer) -> UsedBy {
        UsedBy {
            all: milliseconds(self.usage.cpu + own + others),
            handler: milliseconds(self.cpu_of(payer) + own),
        }
    }

    fn used_by(&self, limit: Limit, payer: Payer) -> UsedBy {
        let used = self.chains_of(payer).map(|chain| chain.used.of(limit));
        UsedBy { all: self.usage.of(limit), handler: limit.sums().of(used) }
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
        let handler = self.handler(payer).map(|(handler, _)| handler.clone()).unwrap_or_default();
        self.warned.cross(limit, used, most, &handler)
    }
}

impl Sums {
    /// Returns what several uses make together.
    pub(super) fn of(self, uses: impl Iterator<Item = u64>) -> u64 {
        match self {
            Self::Sum => uses.sum(),
            Self::Greatest => uses.max().unwrap_or_default(),
        }
    }

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
