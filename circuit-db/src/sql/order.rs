//! Sort keys.

use circuit_core::{Direction, Nulls, OrderBy};

use super::dialect::{Dialect, Typed};
use super::filter::Terms;
use super::fragment::Fragment;

/// Returns the sort keys of a query; `None` if SQL cannot say one.
pub(super) fn keys<D: Dialect>(
    terms: &mut dyn Terms<D>,
    order: &[OrderBy],
) -> Option<Vec<Fragment<D::Param>>> {
    let mut keys = Vec::new();
    for key in order {
        let own = terms.operand(&key.operand)?;
        keys.extend(sorted(&own, key.direction, key.nulls));
    }
    Some(keys)
}

/// Returns a value as sort keys.
pub(super) fn sorted<P: Clone>(
    own: &Typed<P>,
    direction: Direction,
    nulls: Nulls,
) -> impl Iterator<Item = Fragment<P>> {
    let direction = if direction == Direction::Ascending { " ASC" } else { " DESC" };
    let nulls = if nulls == Nulls::First { " NULLS FIRST" } else { " NULLS LAST" };
    own.keys().into_iter().map(move |part| part.text(direction).text(nulls))
}
