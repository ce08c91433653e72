//! x
#![allow(missing_docs)]
mod db;
mod error;
mod event;
mod record;
mod schema;
mod value;
pub use db::*;
pub use error::*;
pub use event::*;
pub use record::*;
pub use schema::*;
pub use value::*;
