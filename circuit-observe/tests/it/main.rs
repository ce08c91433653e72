//! What circuit-observe promises, a module per feature.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod metrics;
mod sink;
