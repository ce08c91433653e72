//! Queries written as SOQL: what `soql!` makes, and how they become what a store is asked.

mod agree;
mod bind;
mod into_query;
mod over;
mod statement;

pub use bind::{Bind, BindValue, IntoBind};
pub use into_query::IntoQuery;
pub use over::{
    Mistaken, ObjectTag, RecordOf, SelectedFields, SoqlQuery, StructField, StructFields,
};
pub use statement::{Soql, Statement};
