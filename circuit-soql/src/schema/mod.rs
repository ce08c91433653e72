//! Schemas: what objects, fields and relationships there are.

mod catalog;
#[cfg(feature = "describe")]
pub mod describe;
mod field;
mod object;

pub use catalog::{Catalog, Found, Schema};
pub use field::{Field, FieldKind};
pub use object::{ChildRelationship, IdForm, Object};
