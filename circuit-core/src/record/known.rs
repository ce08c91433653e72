//! The shapes that are remembered, so that like records share one.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use foldhash::fast::RandomState;

use super::Shape;

/// The most fields of a shape that is remembered.
const MAX_FIELDS: usize = 500;

type Shapes = HashMap<u64, Arc<Shape>, RandomState>;

/// Shapes by a hash of what they extend and by what.
///
/// What is in use stays and field names from outside cannot fill the memory: once the young
/// shapes have the bytes allowed, they are the old ones, and the old ones that nobody asked for
/// since then are forgotten. A forgotten shape is only made again.
#[derive(Debug)]
pub(super) struct Known {
    ages: RwLock<Ages>,
    /// The most bytes of each of the two ages.
    budget: usize,
}

#[derive(Debug, Default)]
struct Ages {
    young: Shapes,
    old: Shapes,
    young_bytes: usize,
}

impl Known {
    pub(super) fn new(budget: usize) -> Self {
        Self { ages: RwLock::default(), budget }
    }

    /// Returns the shape that is `wanted`, or the one that is made then.
    pub(super) fn find_or_add(
        &self,
        key: u64,
        wanted: impl Fn(&Shape) -> bool,
        create: impl FnOnce() -> Shape,
    ) -> Arc<Shape> {
        let find = |shapes: &Shapes| shapes.get(&key).filter(|shape| wanted(shape)).cloned();
        let young = find(&self.ages.read().unwrap_or_else(PoisonError::into_inner).young);
        if let Some(shape) = young {
            return shape;
        }
        let made = Arc::new(create());
        let bytes = made.bytes();
        if made.names().len() > MAX_FIELDS || bytes > self.budget / 32 {
            return made;
        }
        let mut forgotten = Shapes::default();
        let mut ages = self.ages.write().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have been faster.
        if let Some(shape) = find(&ages.young) {
            return shape;
        }
        let shape = find(&ages.old).unwrap_or(made);
        if ages.young_bytes + bytes > self.budget {
            let young = std::mem::take(&mut ages.young);
            forgotten = std::mem::replace(&mut ages.old, young);
            ages.young_bytes = 0;
        }
        ages.young_bytes += bytes;
        ages.young.insert(key, Arc::clone(&shape));
        drop(ages);
        // Freeing them takes its time: nobody waits for the lock meanwhile.
        drop(forgotten);
        shape
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Known {
        /// The bytes of all shapes that are kept.
        fn bytes(&self) -> usize {
            let ages = self.ages.read().unwrap();
            ages.young.values().chain(ages.old.values()).map(|shape| shape.bytes()).sum()
        }
    }

    fn shape(fields: usize, name: &str) -> Shape {
        let shape = Shape::of("ShapeKnown");
        let names: Vec<String> = (0..fields).map(|i| format!("{name}{i}")).collect();
        shape.with_names(names.iter().map(|name| name.as_str().into()))
    }

    fn ask(known: &Known, key: u64, fields: usize, name: &str) -> Arc<Shape> {
        let wanted = |one: &Shape| one.names()[1].starts_with(name);
        known.find_or_add(key, wanted, || shape(fields, name))
    }

    #[test]
    fn what_is_asked_for_stays_and_the_rest_cannot_grow() {
        let known = Known::new(100_000);
        let honest = ask(&known, 0, 10, "Honest");
        for i in 1..5_000 {
            ask(&known, i, 10, &format!("hostile_{i}_"));
            assert!(Arc::ptr_eq(&honest, &ask(&known, 0, 10, "Honest")));
        }
        assert!(known.bytes() <= 200_000, "{}", known.bytes());
    }

    #[test]
    fn long_names_count_by_their_bytes() {
        let known = Known::new(1_000_000);
        for i in 0..1_000 {
            ask(&known, i, 10, &format!("{i}_{}", "n".repeat(2_000)));
        }
        assert!(known.bytes() <= 2_000_000, "{}", known.bytes());
    }

    #[test]
    fn wide_shapes_are_not_remembered() {
        let known = Known::new(100_000_000);
        assert!(Arc::ptr_eq(&ask(&known, 1, 499, "a"), &ask(&known, 1, 499, "a")));
        assert!(!Arc::ptr_eq(&ask(&known, 2, 500, "b"), &ask(&known, 2, 500, "b")));
        assert!(known.bytes() <= 100_000, "{}", known.bytes());
    }

    #[test]
    fn two_shapes_with_one_key_are_told_apart() {
        let known = Known::new(1_000_000);
        assert!(!Arc::ptr_eq(&ask(&known, 1, 2, "a"), &ask(&known, 1, 2, "b")));
        assert_eq!(ask(&known, 1, 2, "a").names()[1], "a0");
    }
}
