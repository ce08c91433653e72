#![doc = include_str!("../README.md")]

#[cfg(feature = "memory")]
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod tagged;

#[cfg(feature = "conformance")]
pub mod conformance;

#[cfg(feature = "memory")]
pub use memory::{Memory, MemoryBuilder};
#[cfg(feature = "postgres")]
pub use postgres::{Postgres, PostgresBuilder};
#[cfg(feature = "sqlite")]
pub use sqlite::{Sqlite, SqliteBuilder, Synchronous};

pub use circuit_core::{
    Capability, CircuitDB, CommitOutcome, CommitPlan, FetchKey, FetchRequest, FetchScope,
    FieldSchema, FieldType, Filter, IdPolicy, ObjectSchema, OnDelete, OrderBy, Query, QueryAnswer,
    Rows, Stored, Support, Version, Write, WriteKind, WriteProblem,
};
