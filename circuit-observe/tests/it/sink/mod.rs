//! The sinks: what they write, and what they do when they cannot.

#[cfg(feature = "axiom")]
mod axiom;
mod console;
mod jsonl;
mod queue;
pub(crate) mod support;
mod told;
