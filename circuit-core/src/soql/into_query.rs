//! What can be queried with.

use super::agree::agree;
use super::{DynamicSoql, Mistaken, QueryContext, RecordOf, Soql, SoqlQuery};
use crate::db::Query;
use crate::error::{Error, ErrorKind, Result};
use crate::record::SObject;

/// What gives records of type `T`: a [`Query`], or a query written with [`soql!`](crate::soql).
///
/// The compiler refuses a `soql!` over another object than that of `T`. When the program is built
/// (not by `cargo check`), it also refuses one that selects fields for which `T` has no room, or
/// that leaves out fields without which `T` cannot be read.
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

/// What gives rows of any type: groups, and columns that are no fields of one object.
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
    fn into_query(self, _: &QueryContext<'_>) -> Result<Query> {
        Ok(self)
    }
}

impl IntoRows for Query {
    fn into_rows(self, _: &QueryContext<'_>) -> Result<Query> {
        Ok(self)
    }
}

impl<T: SObject> IntoQuery<T> for DynamicSoql {
    fn into_query(self, context: &QueryContext<'_>) -> Result<Query> {
        self.into_rows(context)
    }
}

impl IntoRows for DynamicSoql {
    fn into_rows(self, context: &QueryContext<'_>) -> Result<Query> {
        context.query(self.tree(), None, &|name| self.value(name))
    }
}

#[diagnostic::do_not_recommend]
impl<T, Q> IntoQuery<T> for Soql<Q>
where
    T: SObject + RecordOf<Q::Object>,
    Q: SoqlQuery,
{
    fn into_query(self, context: &QueryContext<'_>) -> Result<Query> {
        const {
            agree(T::NAME, T::FIELDS, Q::SELECTED);
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

impl IntoRows for Mistaken {
    fn into_rows(self, _: &QueryContext<'_>) -> Result<Query> {
        Err(Error::new(ErrorKind::InvalidQuery, "the query has a mistake"))
    }
}
