//! The contract of a store of records.

mod capability;
pub mod eval;
mod explain;
mod filter;
mod like;
mod plan;
mod query;

pub use capability::{Capability, IdPolicy, Support};
pub use explain::{QueryPlan, QueryStep};
pub use filter::{Comparison, Filter, compare_text};
pub use like::like;
pub use plan::{CommitOutcome, CommitPlan, Version, Write, WriteKind, WriteProblem};
pub use query::{
    Aggregate, Children, Column, DatePart, Direction, Distance, DistanceUnit, FetchKey,
    FetchRequest, FetchScope, FieldPath, FieldSet, Grouping, Groups, Hop, Nulls, Operand, OrderBy,
    Period, Place, Query, QueryAnswer, Rows, Select, Stored, TypeOf,
};

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use crate::error::Result;
use crate::schema::ObjectSchema;

/// A store of records. Object-safe: hosts hold an `Arc<dyn CircuitDB>`.
///
/// `docs/design/circuitdb.md` tells how each store implements each method and what it cannot
/// promise; the suite in `circuit_db::conformance` holds this contract as tests.
///
/// # Contract
/// - Object and field names match without regard to case.
/// - [`describe`](Self::describe) answers from memory: a remote store learns its schemas when it
///   connects.
/// - [`query`](Self::query) and [`fetch`](Self::fetch) see what was committed, whole plans only.
/// - [`commit`](Self::commit) checks the version of each write that names one. With
///   [`Capability::atomic_commit`] a plan is stored whole or not at all.
/// - Once `commit` has answered [`CommitOutcome::Committed`], the plan is as durable as
///   [`Capability::durable`] says. Dropping its future leaves the plan stored whole or not at all.
#[async_trait]
pub trait CircuitDB: Debug + Send + Sync + 'static {
    /// Returns what this store can do. Callers branch on this, never on a backend's name.
    fn capability(&self) -> &Capability;

    /// Returns the object's schema, or `None` for an object that has none.
    fn describe(&self, object: &str) -> Option<Arc<ObjectSchema>>;

    /// Returns the schemas of all objects that have one.
    fn schemas(&self) -> Vec<Arc<ObjectSchema>>;

    /// Returns the records that match, with their versions, or their number.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidQuery`](crate::ErrorKind::InvalidQuery) for a field that the object's
    /// schema lacks, [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) if the store failed.
    async fn query(&self, query: &Query) -> Result<QueryAnswer>;

    /// Returns how [`query`](Self::query) would answer, without values.
    ///
    /// # Errors
    /// As [`query`](Self::query).
    async fn explain(&self, query: &Query) -> Result<QueryPlan>;

    /// Returns the record of each key in the order of the keys, `None` where there is none.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) if the store failed,
    /// [`ErrorKind::InvalidQuery`](crate::ErrorKind::InvalidQuery) for a field that is not unique.
    async fn fetch(&self, request: &FetchRequest) -> Result<Vec<Option<Stored>>>;

    /// Applies the staged writes of one execution, each against the version it was based on.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) if the store failed; nothing is
    /// stored then where commits are atomic, unless its context says `outcome: unknown`.
    async fn commit(&self, plan: CommitPlan) -> Result<CommitOutcome>;
}

/// Forwards the whole trait: a default body would silently lose the inner store's version.
macro_rules! forward {
    ($($pointer:ident),+) => {$(
        #[async_trait]
        #[deny(clippy::missing_trait_methods)]
        impl<T: CircuitDB + ?Sized> CircuitDB for $pointer<T> {
            fn capability(&self) -> &Capability {
                (**self).capability()
            }

            fn describe(&self, object: &str) -> Option<Arc<ObjectSchema>> {
                (**self).describe(object)
            }

            fn schemas(&self) -> Vec<Arc<ObjectSchema>> {
                (**self).schemas()
            }

            async fn query(&self, query: &Query) -> Result<QueryAnswer> {
                (**self).query(query).await
            }

            async fn explain(&self, query: &Query) -> Result<QueryPlan> {
                (**self).explain(query).await
            }

            async fn fetch(&self, request: &FetchRequest) -> Result<Vec<Option<Stored>>> {
                (**self).fetch(request).await
            }

            async fn commit(&self, plan: CommitPlan) -> Result<CommitOutcome> {
                (**self).commit(plan).await
            }
        }
    )+};
}

forward!(Arc, Box);
