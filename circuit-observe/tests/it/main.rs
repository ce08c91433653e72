//! What circuit-observe promises, a module per feature.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

#[cfg(feature = "tracing")]
mod bridge;
mod explain;
#[cfg(all(feature = "postgres", feature = "sqlite"))]
mod export;
mod metrics;
#[cfg(all(feature = "postgres", feature = "sqlite"))]
mod retention;
#[cfg(all(feature = "postgres", feature = "sqlite"))]
mod search;
mod sink;
#[cfg(all(feature = "postgres", feature = "sqlite"))]
mod store;
mod support;
