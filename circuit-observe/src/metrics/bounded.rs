//! Values of labels: only so many, or a metric grows without end.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use circuit_core::Text;

/// What stands for the names beyond the bound.
const OTHER: &str = "other";

/// What stands for no name.
const NONE: &str = "none";

/// One value per name, for the first so many names; the names after these share one.
pub(super) struct Bounded<T> {
    known: RwLock<HashMap<Text, Arc<T>>>,
    most: usize,
}

impl<T> Bounded<T> {
    pub(super) fn new(most: usize) -> Self {
        Self { known: RwLock::default(), most }
    }

    /// Returns the value of a name; `make` is told the name for the label.
    pub(super) fn of(&self, name: &str, make: impl FnOnce(&str) -> T) -> Arc<T> {
        let name = if name.is_empty() { NONE } else { name };
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = known.get(name) {
            return Arc::clone(value);
        }
        let name = if known.len() < self.most { name } else { OTHER };
        drop(known);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(Text::from(name)).or_insert_with(|| Arc::new(make(name))))
    }
}

impl<T> std::fmt::Debug for Bounded<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_set().entries(known.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_beyond_the_bound_share_one_value() {
        let bounded = Bounded::new(2);
        let label = |name: &str| bounded.of(name, ToOwned::to_owned).to_string();

        assert_eq!(["a", "", "c", "d", "a"].map(label), ["a", "none", "other", "other", "a"]);
    }
}
