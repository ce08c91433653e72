#![doc = include_str!("../README.md")]

mod explain;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod store;

pub use explain::{Explanation, explain};
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use store::{Export, ExportFormat, ReportStore, ReportStoreBuilder, Search, Summary};
