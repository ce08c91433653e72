//! Queries written as SOQL: what `soql!` makes, and how they become what a store is asked.

mod agree;
mod bind;
mod catalog;
mod context;
mod dynamic;
mod into_query;
mod lower;
mod over;
mod statement;
mod types;

pub use bind::{Bind, BindList, BindValue, IntoBind};
pub(crate) use context::Checked;
pub use context::QueryContext;
pub use dynamic::DynamicSoql;
pub use into_query::{IntoQuery, IntoRows};
pub use over::{
    Mistaken, ObjectTag, RecordOf, SelectedFields, SoqlQuery, StructField, StructFields,
};
pub use statement::{Soql, Statement};

pub(crate) use lower::QueryTime;
