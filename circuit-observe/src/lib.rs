#![doc = include_str!("../README.md")]

#[cfg(feature = "tracing")]
mod collect;
mod metrics;
mod sink;

#[cfg(feature = "tracing")]
pub use collect::CollectLayer;
pub use metrics::{MetricKind, MetricRow, Metrics, MetricsConfig};
#[cfg(feature = "axiom")]
pub use sink::{Axiom, AxiomConfig, AxiomEndpoint};
pub use sink::{
    Color, Console, ConsoleConfig, ConsoleFormat, Dropped, Durability, Jsonl, JsonlConfig, Line,
    QueueConfig,
};
