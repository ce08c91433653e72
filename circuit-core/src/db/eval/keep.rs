//! One test over many records: a loop for each test, and not a choice of test for each record.

use std::sync::Arc;

use super::super::filter::Comparison;
use super::super::query::Stored;
use crate::record::Shape;
use crate::value::Value;

/// How many records one test looks at before it is the next test's turn; so many fit the caches.
pub(super) const BATCH: usize = 2_048;

/// Some records, and where those go that are kept.
pub(super) struct Keep<'k, 'r, I> {
    pub(super) from: I,
    pub(super) kept: &'k mut Vec<&'r Stored>,
}

impl<'r, I: Iterator<Item = &'r Stored>> Keep<'_, 'r, I> {
    /// Keeps the records for which `holds`.
    #[inline]
    pub(super) fn by(self, mut holds: impl FnMut(&Stored) -> bool) {
        let Self { from, kept } = self;
        from.for_each(|stored| {
            if holds(stored) {
                kept.push(stored);
            }
        });
    }

    /// Keeps the records for which a test of one of their own fields holds.
    #[inline]
    pub(super) fn by_field(self, field: &str, holds: impl Fn(Option<&Value>) -> bool) {
        // No record goes away while this runs, so what stands at one address is one shape.
        let mut known: *const Shape = std::ptr::null();
        let mut slot = usize::MAX;
        self.by(|stored| {
            let shape = stored.record.shape();
            if Arc::as_ptr(shape) != known {
                known = Arc::as_ptr(shape);
                slot = shape.slot(field).unwrap_or(usize::MAX);
            }
            holds(stored.record.slots().get(slot).and_then(Option::as_ref))
        });
    }

    /// Keeps the records whose field stands in a relation to a value, which is `wanted` where `get`
    /// tells what is in a value of that type.
    pub(super) fn by_order<T: PartialOrd>(
        self,
        field: &str,
        (comparison, value): (Comparison, &Value),
        wanted: &T,
        get: impl Fn(&Value) -> Option<&T>,
    ) {
        macro_rules! with {
            ($operator:tt) => {
                self.by_field(field, |own| match own.and_then(&get) {
                    Some(own) => own $operator wanted,
                    None => comparison.holds(own, value),
                })
            };
        }
        match comparison {
            Comparison::Eq => with!(==),
            Comparison::Ne => with!(!=),
            Comparison::Lt => with!(<),
            Comparison::Le => with!(<=),
            Comparison::Gt => with!(>),
            Comparison::Ge => with!(>=),
        }
    }
}
