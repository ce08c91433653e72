//! The engine: from a DML call to its commit.
//!
//! [`save`] is the one straight line; the modules beside it are its stages.

mod builder;
mod cascade;
mod catalog;
mod check;
mod circuit;
mod duplicate;
mod execution;
mod fire;
mod load;
mod panic;
mod query;
mod save;
mod session;
mod stage;
mod verify;

pub use builder::CircuitBuilder;
pub use circuit::Circuit;
pub use execution::Execution;
pub use session::Session;
