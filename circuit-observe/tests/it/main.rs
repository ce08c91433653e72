//! What executions leave behind, as the users of this crate see it.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod explain;
mod export;
mod retention;
mod search;
mod store;
mod support;
