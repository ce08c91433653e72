//! Schemas: what an object's fields may hold.

mod check;
mod field;
mod object;

pub(crate) use check::{Phase, check, cut, nearest};
pub use field::{FieldSchema, OnDelete, Reference};
pub use object::ObjectSchema;
