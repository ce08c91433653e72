//! What an execution used, as a whole and per handler.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Limit, Used};
use crate::value::Text;

/// What an execution used, as a whole and per handler.
///
/// # Examples
/// ```
/// use circuit_core::Usage;
///
/// assert_eq!(Usage::default().dml_rows(), 0);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    total: Used,
    handlers: Vec<(Text, Used)>,
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

    /// Returns what a handler itself used; `host` for calls from outside.
    pub fn by_handler(&self, handler: &str, limit: Limit) -> u64 {
        let found = self.handlers.iter().find(|(name, _)| *name == *handler);
        found.map_or(0, |(_, used)| used.of(limit))
    }

    /// Returns the handlers that used something, in the order in which they began to.
    pub fn handlers(&self) -> impl Iterator<Item = &Text> {
        self.handlers.iter().map(|(name, _)| name)
    }

    pub(super) fn add(&mut self, limit: Limit, amount: u64, handler: &Text) -> u64 {
        let at = self.handlers.iter().position(|(name, _)| name == handler);
        let at = at.unwrap_or_else(|| {
            self.handlers.push((handler.clone(), Used::default()));
            self.handlers.len() - 1
        });
        *self.handlers[at].1.of_mut(limit) += amount;
        *self.total.of_mut(limit) += amount;
        self.total.of(limit)
    }

    pub(super) fn raise(&mut self, limit: Limit, level: u64) {
        let total = self.total.of_mut(limit);
        *total = level.max(*total);
    }

    pub(super) fn set_wall_clock(&mut self, elapsed: Duration) {
        let milliseconds = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        self.raise(Limit::WallClock, milliseconds);
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
