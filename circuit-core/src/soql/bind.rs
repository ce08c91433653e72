//! The values of a query's variables.

use crate::value::Value;

/// The value of a variable in a query; it is never part of the text, so there is nothing to escape.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Bind {
    /// One value.
    One(Value),
    /// A list, for `IN` and its like.
    Many(Vec<Value>),
}
