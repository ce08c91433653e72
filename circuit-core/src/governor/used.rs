//! What was used up to a moment.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Limit;

/// What was used up to a moment, per limit; a copy that stays as it is.
///
/// Written as an object of the names that are not zero, such as `{"queries":2}`; names that this
/// version does not know are left out when it is read.
///
/// # Examples
/// ```
/// use circuit_core::{Limit, Used};
///
/// let used: Used = serde_json::from_str(r#"{"queries":2}"#)?;
/// assert_eq!(used.of(Limit::Queries), 2);
/// assert_eq!(serde_json::to_string(&used)?, r#"{"queries":2}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Used([u64; Limit::ALL.len()]);

impl Used {
    /// Returns what was used of something.
    pub fn of(&self, limit: Limit) -> u64 {
        self.0[limit as usize]
    }

    pub(super) fn of_mut(&mut self, limit: Limit) -> &mut u64 {
        &mut self.0[limit as usize]
    }

    fn named(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let used = Limit::ALL.iter().map(|limit| (limit.name(), self.of(*limit)));
        used.filter(|(_, used)| *used > 0)
    }
}

impl fmt::Debug for Used {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.named()).finish()
    }
}

impl Serialize for Used {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.named())
    }
}

impl<'de> Deserialize<'de> for Used {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let named = BTreeMap::<String, u64>::deserialize(deserializer)?;
        let mut used = Self::default();
        for limit in Limit::ALL {
            *used.of_mut(*limit) = named.get(limit.name()).copied().unwrap_or_default();
        }
        Ok(used)
    }
}
