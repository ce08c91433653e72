//! What circuit-observe promises, a module per feature.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

#[cfg(feature = "tracing")]
mod collect;
mod metrics;
mod sink;
#[cfg(feature = "tracing")]
mod span;
#[cfg(feature = "tracing")]
mod support;
