//! Queries written as SOQL: what they become.

mod bind;
mod lower;

pub(crate) use bind::Bind;
pub(crate) use lower::{QueryTime, lower};
