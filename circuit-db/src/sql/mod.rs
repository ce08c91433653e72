//! From a resolved query to one statement in SQL that means the same, for every SQL store.
//!
//! A [`Dialect`] says how one database writes what all of them can do; the rest is said once, by
//! concern. Values are always bound, names are quoted, and queries that differ in their values,
//! limits and lengths of lists alone have the same text, so that prepared statements are found
//! again.
//!
//! The logic of SQL knows three values and the one of queries two: a condition that is null counts
//! as false everywhere but under NOT, so only a negated test asks for null, and indexes stay usable.
//!
//! What SQL cannot say is `None` here: a condition on a field of an open object, on JSON, or between
//! values whose types differ. [`Finish`] then asks for what the evaluator of `circuit-core` needs.

mod children;
mod decode;
mod dialect;
mod filter;
mod finish;
mod fragment;
mod group;
mod order;
#[cfg(all(test, feature = "memory"))]
pub(crate) mod sample;
mod scope;
mod select;
mod statement;
mod template;

#[cfg(feature = "sqlite")]
pub(crate) use decode::TOO_LARGE;
pub(crate) use decode::{Cells, Decode, JsonCell, JsonRows, too_large};
pub(crate) use dialect::{Bound, Dialect, Lists, Sides, SqlTable, Typed};
#[cfg(feature = "postgres")]
pub(crate) use finish::objects;
pub(crate) use finish::{Finish, LISTS, LOADS, Loaded};
pub(crate) use fragment::Fragment;
pub(crate) use statement::{Generator, Output, Statement, count};
pub(crate) use template::{Ready, Templates};
