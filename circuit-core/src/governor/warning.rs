//! Warnings: most of a limit is used.

use super::Limit;
use crate::value::Text;

/// The shares of a limit, in percent, that raise a warning each.
const SHARES: [u64; 2] = [80, 90];

/// Most of a limit is used; each limit warns once at 80 % and once at 90 %.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimitWarning {
    /// The limit.
    pub limit: Limit,
    /// The share that was reached, in percent.
    pub percent: u64,
    /// What was used then.
    pub used: u64,
    /// The handler that crossed the line; `host` for calls from outside.
    pub handler: Text,
}

/// Which warnings were raised.
#[derive(Debug, Default)]
pub(super) struct Warned {
    list: Vec<LimitWarning>,
}

impl Warned {
    pub(super) fn list(&self) -> &[LimitWarning] {
        &self.list
    }

    /// Notes the shares that are crossed for the first time, and returns them.
    pub(super) fn cross(
        &mut self,
        limit: Limit,
        used: u64,
        most: u64,
        handler: &Text,
    ) -> Vec<LimitWarning> {
        let crossed = SHARES.iter().filter(|share| reaches(used, most, **share));
        let known =
            |percent: u64| self.list.iter().any(|w| (w.limit, w.percent) == (limit, percent));
        let new: Vec<LimitWarning> = crossed
            .filter(|share| !known(**share))
            .map(|&percent| LimitWarning { limit, percent, used, handler: handler.clone() })
            .collect();
        self.list.extend(new.iter().cloned());
        new
    }
}

fn reaches(used: u64, most: u64, percent: u64) -> bool {
    u128::from(used) * 100 >= u128::from(most) * u128::from(percent)
}

/// Whether so much is used that a warning may be due.
pub(super) fn is_near(used: u64, most: u64) -> bool {
    used > 0 && reaches(used, most, SHARES[0])
}
