//! The engine: from a DML call to its commit.
//!
//! [`save`] is the one straight line; the modules beside it are its stages.

mod builder;
mod callout;
mod cascade;
mod catalog;
mod cause;
mod check;
mod chunk;
mod circuit;
mod deadline;
mod dispatch;
mod dml;
mod duplicate;
mod execution;
mod executor;
mod field_update;
mod fire;
mod heap;
mod hook;
mod in_flight;
mod isolate;
mod isolated;
mod load;
mod merge;
mod panic;
mod partial;
mod purge;
mod query;
mod report;
mod run;
mod save;
mod savepoint;
mod session;
mod span;
mod spawn;
mod stage;
mod start;
mod statics;
mod stint;
mod taken_along;
mod upsert;
mod verify;
pub(crate) mod watch;

pub use builder::CircuitBuilder;
pub use callout::Callout;
pub use cause::{Cause, CauseLink, Quiddity};
pub use circuit::Circuit;
pub use dispatch::{
    ChangeEvent, ChangeKind, Delivered, DeliveryEnd, Dispatched, EventSource, StoppedHandler,
};
pub use execution::Execution;
pub use executor::{Executor, HostWork, Inline, Job, JobEnd, Protection, Sandbox};
pub use hook::{Committed, RolledBack};
pub use query::QueryStream;
pub use session::Session;
pub use spawn::Spawned;
pub use watch::{Stuck, ThreadLeft, checkpoint};
