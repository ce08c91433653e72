#![doc = include_str!("../README.md")]

mod metrics;
mod sink;

pub use metrics::{MetricKind, MetricRow, Metrics, MetricsConfig};
#[cfg(feature = "axiom")]
pub use sink::{Axiom, AxiomConfig, AxiomEndpoint};
pub use sink::{
    Color, Console, ConsoleConfig, ConsoleFormat, Dropped, Durability, Jsonl, JsonlConfig, Line,
    QueueConfig,
};
