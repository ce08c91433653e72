//! What was used beside what may be: one line for each limit.

use std::fmt;

use super::{Limit, Limits, Usage};

/// What was used of one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimitUse {
    /// The limit.
    pub limit: Limit,
    /// What was used.
    pub used: u64,
    /// The most that may be.
    pub most: u64,
}

impl LimitUse {
    /// Returns what is left.
    pub fn remaining(&self) -> u64 {
        self.most.saturating_sub(self.used)
    }

    /// Returns how much of the limit is used: 1.0 is all of it. A limit of 0 is used up by anything.
    #[expect(clippy::cast_precision_loss, reason = "a share needs no more digits")]
    pub fn share(&self) -> f64 {
        match (self.used, self.most) {
            (0, 0) => 0.0,
            (_, 0) => f64::INFINITY,
            (used, most) => used as f64 / most as f64,
        }
    }
}

/// What an execution has used up to now, limit by limit (Apex: the `Limits` class).
///
/// # Examples
/// ```
/// use circuit_core::prelude::*;
/// use circuit_core::Limit;
///
/// fn has_room(ctx: &TriggerContext<'_, Record>) -> bool {
///     let rows = ctx.limits().of(Limit::DmlRows);
///     rows.remaining() >= 200 && rows.share() < 0.5
/// }
/// # let _ = has_room;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitsInUse {
    pub(super) usage: Usage,
    pub(super) limits: Limits,
}

impl LimitsInUse {
    /// Returns what was used of one limit.
    pub fn of(&self, limit: Limit) -> LimitUse {
        LimitUse { limit, used: self.usage.of(limit), most: self.limits.of(limit) }
    }

    /// Returns what was used of each limit, in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = LimitUse> {
        Limit::ALL.iter().map(|limit| self.of(*limit))
    }
}

impl fmt::Display for LimitsInUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.usage.table(&self.limits).fmt(f)
    }
}

/// A table for a terminal: each limit that was touched, its share, and who used it.
#[derive(Debug, Clone, Copy)]
pub struct UsageTable<'a> {
    pub(super) usage: &'a Usage,
    pub(super) limits: &'a Limits,
}

impl fmt::Display for UsageTable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { usage, limits } = *self;
        let widths: Vec<usize> = usage.handlers().map(|handler| handler.len().max(6)).collect();
        write!(f, "{:<28} {:>10} {:>11} {:>6}", "limit", "used", "most", "share")?;
        for (handler, width) in usage.handlers().zip(&widths) {
            write!(f, "  {:>width$}", handler.as_str())?;
        }
        for limit in Limit::ALL.iter().filter(|limit| usage.of(**limit) > 0) {
            let used = LimitUse { limit: *limit, used: usage.of(*limit), most: limits.of(*limit) };
            let share = format!("{:.0} %", used.share() * 100.0);
            write!(f, "\n{:<28} {:>10} {:>11} {share:>6}", limit.noun(), used.used, used.most)?;
            for (handler, width) in usage.handlers().zip(&widths) {
                write!(f, "  {:>width$}", usage.by_handler(handler, *limit))?;
            }
        }
        Ok(())
    }
}
