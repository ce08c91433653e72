//! What executions leave behind, as a host finds it.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

#[cfg(feature = "tracing")]
mod collect;
#[cfg(feature = "tracing")]
mod span;
mod support;
