//! What can be queried with.

use super::agree::{agree, agree_columns};
use super::{DynamicSoql, GiveGroups, GiveRecords, Mistaken, Over, QueryContext, Soql, SoqlQuery};
use crate::db::Query;
use crate::error::{Error, ErrorKind, Result};
use crate::record::{AggregateRow, Layout, SObject};

/// What gives records of type `T`: a [`Query`], or a query written with [`soql!`](crate::soql).
///
/// The compiler refuses a `soql!` over another object than that of `T`, and one that gives no
/// records. When the program is built (not by `cargo check`), it also refuses one that selects
/// fields for which `T` has no room, or that leaves out fields without which `T` cannot be read,
/// also those of parents and children.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not give records of type `{T}`",
    label = "no query over the object of `{T}`",
    note = "a query takes `Query` or `soql!(\"SELECT ..\")`, and the object after FROM is that of \
            the struct: `#[sobject(\"..\")]`"
)]
pub trait IntoQuery<T: SObject>: Send {
    /// Returns what the store is asked.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidQuery`] for what cannot be queried.
    fn into_query(self, context: &QueryContext<'_>) -> Result<Query>;
}

/// What gives rows of type `T`, one for each group: a [`Query`], or a query written with
/// [`soql!`](crate::soql).
///
/// The compiler refuses a `soql!` that has neither aggregates nor `GROUP BY`. When the program is
/// built (not by `cargo check`), it also refuses one with columns for which `T` has no room, or
/// without columns that `T` needs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not give rows of type `{T}`",
    label = "no query with groups",
    note = "a query is `Query`, `soql!(\"SELECT ..\")` or `DynamicSoql`"
)]
pub trait IntoAggregate<T: AggregateRow>: Send {
    /// Returns what the store is asked.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidQuery`] for what cannot be queried.
    fn into_aggregate(self, context: &QueryContext<'_>) -> Result<Query>;
}

/// What gives rows of whatever kind: records, groups or a number.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no query",
    label = "no query",
    note = "a query is `Query`, `soql!(\"SELECT ..\")` or `DynamicSoql`"
)]
pub trait IntoRows: Send {
    /// Returns what the store is asked.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidQuery`] for what cannot be queried.
    fn into_rows(self, context: &QueryContext<'_>) -> Result<Query>;
}

impl<T: SObject> IntoQuery<T> for Query {
    fn into_query(self, context: &QueryContext<'_>) -> Result<Query> {
        context.built(self)
    }
}

impl<T: AggregateRow> IntoAggregate<T> for Query {
    fn into_aggregate(self, context: &QueryContext<'_>) -> Result<Query> {
        context.built(self)
    }
}

impl IntoRows for Query {
    fn into_rows(self, context: &QueryContext<'_>) -> Result<Query> {
        context.built(self)
    }
}

impl<T: SObject> IntoQuery<T> for DynamicSoql {
    fn into_query(self, context: &QueryContext<'_>) -> Result<Query> {
        self.into_rows(context)
    }
}

impl<T: AggregateRow> IntoAggregate<T> for DynamicSoql {
    fn into_aggregate(self, context: &QueryContext<'_>) -> Result<Query> {
        self.into_rows(context)
    }
}

impl IntoRows for DynamicSoql {
    fn into_rows(self, context: &QueryContext<'_>) -> Result<Query> {
        self.check_binds()?;
        context.query(self.tree(), None, &|name| self.value(name))
    }
}

impl<T, Q> IntoQuery<T> for Soql<Q>
where
    T: SObject,
    Q: SoqlQuery<Gives: GiveRecords> + Over<T>,
{
    fn into_query(self, context: &QueryContext<'_>) -> Result<Query> {
        const {
            agree(<T::Layout<Q::Depth> as Layout>::FIELDS, &Q::SELECTED);
        }
        self.resolve(context)
    }
}

impl<T, Q> IntoAggregate<T> for Soql<Q>
where
    T: AggregateRow,
    Q: SoqlQuery<Gives: GiveGroups>,
{
    fn into_aggregate(self, context: &QueryContext<'_>) -> Result<Query> {
        const {
            agree_columns(T::COLUMNS, &Q::SELECTED);
        }
        self.resolve(context)
    }
}

impl<Q: SoqlQuery> IntoRows for Soql<Q> {
    fn into_rows(self, context: &QueryContext<'_>) -> Result<Query> {
        self.resolve(context)
    }
}

#[diagnostic::do_not_recommend]
impl<T: SObject> IntoQuery<T> for Mistaken {
    fn into_query(self, context: &QueryContext<'_>) -> Result<Query> {
        self.into_rows(context)
    }
}

#[diagnostic::do_not_recommend]
impl<T: AggregateRow> IntoAggregate<T> for Mistaken {
    fn into_aggregate(self, context: &QueryContext<'_>) -> Result<Query> {
        self.into_rows(context)
    }
}

impl IntoRows for Mistaken {
    fn into_rows(self, _: &QueryContext<'_>) -> Result<Query> {
        Err(Error::new(ErrorKind::InvalidQuery, "the query has a mistake"))
    }
}
