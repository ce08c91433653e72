#![doc = include_str!("../README.md")]

#[cfg(feature = "tracing")]
mod collect;
mod explain;
mod metrics;
mod sink;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod store;

#[cfg(feature = "tracing")]
pub use collect::CollectLayer;
pub use explain::{Explanation, explain};
pub use metrics::{MetricKind, MetricRow, Metrics, MetricsConfig};
#[cfg(feature = "axiom")]
pub use sink::{Axiom, AxiomConfig, AxiomEndpoint};
pub use sink::{
    Color, Console, ConsoleConfig, ConsoleFormat, Dropped, Durability, Jsonl, JsonlConfig, Line,
    QueueConfig,
};
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use store::{Export, ExportFormat, ReportStore, ReportStoreBuilder, Search, Summary};
