#![doc = include_str!("../README.md")]

#[cfg(feature = "tracing")]
mod collect;

#[cfg(feature = "tracing")]
pub use collect::CollectLayer;
