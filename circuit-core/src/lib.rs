#![doc = include_str!("../README.md")]

mod bypass;
mod db;
mod dml;
mod engine;
mod env;
mod error;
mod event;
mod governor;
mod log;
pub mod prelude;
mod record;
mod registry;
mod report;
mod schema;
mod soql;
mod transaction;
mod trigger;
mod value;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use bypass::{Bypass, BypassGuard};
pub use circuit_macros::{AggregateRow, SObject, soql, trigger, triggers};
pub use db::{
    Aggregate, Capability, Children, CircuitDB, Column, CommitOutcome, CommitPlan, Comparison,
    DatePart, Direction, Distance, DistanceUnit, FetchKey, FetchRequest, FetchScope, FieldPath,
    FieldSet, Filter, Grouping, Groups, Hop, IdPolicy, Nulls, Operand, OrderBy, Period, Place,
    Query, QueryAnswer, QueryPlan, QueryStep, Rows, Select, Stored, Support, TypeOf, Version,
    Write, WriteKind, WriteProblem, compare_text, eval, like,
};
pub use dml::{DmlRequest, DryRun, Outcome, PlannedHook, PostCommitFailure, SaveMode, SaveResult};
pub use engine::*;
pub use env::{Clock, IdSource, SystemClock, SystemIds};
pub use error::{Error, ErrorKind, HandlerError, Result, RetryableError, RowFailure, StatusCode};
pub use event::{EventPhase, NewState, OldState, Operation, TriggerEvent};
pub use governor::*;
pub use log::*;
pub use record::{
    AggregateRow, Field, FieldMap, FieldSpec, IntoRecords, PlainRecord, Record, RecordId,
    RecordJson, RecordReader, RecordWriter, SObject, Shape,
};
pub use registry::{
    Declaration, HandlerFuture, Plan, PlanEntry, Registry, RegistryBuilder, Source,
    TriggerRegistration,
};
pub use report::*;
pub use schema::{FieldSchema, ObjectSchema, OnDelete, Reference};
pub use soql::{
    Bind, BindList, BindValue, DynamicSoql, IntoAggregate, IntoBind, IntoQuery, IntoRows,
    QueryContext, Soql, Statement,
};
pub use transaction::Savepoint;
pub use trigger::{
    Checked, ChunkInfo, Condition, Invocation, Literal, NewMutable, NewPresent, OldPresent, Phase,
    TriggerContext, TriggerRow,
};
pub use value::{ConversionError, FieldType, FieldValue, MultiPicklist, Text, Value};
