#![doc = include_str!("../README.md")]

#[cfg(feature = "memory")]
mod memory;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "conformance")]
pub mod conformance;

#[cfg(feature = "memory")]
pub use memory::{Memory, MemoryBuilder};
#[cfg(feature = "sqlite")]
pub use sqlite::{Sqlite, SqliteBuilder, Synchronous};

pub use circuit_core::{
    Capability, CircuitDB, CommitOutcome, CommitPlan, FetchKey, FetchRequest, FetchScope,
    FieldSchema, FieldType, Filter, IdPolicy, ObjectSchema, OnDelete, OrderBy, Query, QueryAnswer,
    Rows, Stored, Support, Version, Write, WriteKind, WriteProblem,
};
