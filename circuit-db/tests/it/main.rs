//! What each store does beyond the contract that all keep.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod alike;
mod format;
mod open;
#[path = "../postgres/mod.rs"]
mod postgres;
mod schema;
