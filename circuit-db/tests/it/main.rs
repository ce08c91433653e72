//! What each store does beyond the contract that all keep.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod alike;
mod extreme;
mod format;
mod growth;
mod loss;
mod open;
#[path = "../postgres/mod.rs"]
mod postgres;
mod proxy;
mod race;
mod schema;
mod secret;
mod server;
mod staged;
#[cfg(all(unix, feature = "postgres-tls"))]
mod tls;
