//! Queries written as SOQL: what `soql!` makes, and how they become what a store is asked.

mod agree;
mod bind;
mod catalog;
mod context;
mod dynamic;
pub mod fit;
mod into_query;
mod lower;
mod over;
mod rule;
mod statement;
mod types;

pub use bind::{Bind, BindList, BindValue, IntoBind};
pub(crate) use context::Checked;
pub use context::QueryContext;
pub use dynamic::DynamicSoql;
pub use into_query::{IntoAggregate, IntoQuery, IntoRows};
pub use over::{
    GiveGroups, GiveRecords, Groups, Mistaken, Number, ObjectTag, Over, RecordOf, Records,
    Selected, SelectedField, SelectedFields, SoqlQuery, Spot, Under,
};
pub use statement::{Soql, Statement};

pub(crate) use lower::QueryTime;
