//! What a store is asked.

mod fetch;
mod operand;
mod order;
mod period;
mod resolve;
mod select;

pub use fetch::{FetchKey, FetchRequest, FetchScope};
pub use operand::{Aggregate, DatePart, Distance, DistanceUnit, FieldPath, Hop, Operand, Place};
pub use order::{Direction, Nulls, OrderBy};
pub use period::Period;
pub use resolve::{is_object_name, is_same};
pub use select::{Children, Column, FieldSet, Grouping, Groups, Select, TypeOf};

use super::filter::Filter;
use super::plan::Version;
use crate::record::{Record, RecordId, SObject};
use crate::value::Text;

/// A record with the version it has in the store.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The record.
    pub record: Record,
    /// Its version.
    pub version: Version,
}

/// Which records a query is over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Rows {
    /// Those that are not deleted.
    #[default]
    Live,
    /// Those in the recycle bin too; so do the queries in the query, and parents are looked up there.
    All,
    /// Those in the recycle bin that the delete of this record took along.
    DeletedWith(RecordId),
}

/// A query: the records of one object, with what is known of their parents and children.
///
/// SOQL becomes such a query, and so does what a program builds: stores are asked nothing else.
///
/// # Examples
/// ```
/// use circuit_core::{Filter, OrderBy, Query};
///
/// let hot = Query::of("Contact")
///     .filter(Filter::at_least("vlpr_score__c", 75).and(Filter::ne("Status", "CLOSED")))
///     .order_by(OrderBy::descending("vlpr_score__c"))
///     .limit(10);
/// assert_eq!(hot.limit, Some(10));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Query {
    /// The object's name.
    pub object: Text,
    /// Which records it is over.
    pub rows: Rows,
    /// Which of them; `None` for all.
    pub filter: Option<Filter>,
    /// The sort keys, most important first. Records that tie come in the order of their ids.
    pub order: Vec<OrderBy>,
    /// The most records to return.
    pub limit: Option<usize>,
    /// How many records to leave out first.
    pub offset: usize,
    /// What it returns of them.
    pub select: Select,
    /// Whether nobody else may change them until the execution has committed: SOQL's `FOR UPDATE`.
    /// Stores need not look at it; the engine has their versions checked at the commit.
    pub lock: bool,
}

impl Query {
    /// Asks for the records of a struct's object, whole.
    pub fn from<T: SObject>() -> Self {
        Self::of(T::OBJECT.unwrap_or_default())
    }

    /// Asks for whole records of an object.
    pub fn of(object: impl AsRef<str>) -> Self {
        Self {
            object: Text::from(object.as_ref()),
            rows: Rows::Live,
            filter: None,
            order: Vec::new(),
            limit: None,
            offset: 0,
            select: Select::Records,
            lock: false,
        }
    }

    /// Keeps the records that match this filter and the ones set before.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = Some(match self.filter.take() {
            Some(first) => first.and(filter),
            None => filter,
        });
        self
    }

    /// Asks for the records in the recycle bin that the delete of this record took along.
    #[must_use]
    pub fn deleted_with(mut self, root: &RecordId) -> Self {
        self.rows = Rows::DeletedWith(root.clone());
        self
    }

    /// Calls `visit` with each operand of the query: of its conditions, `HAVING` among them, its keys,
    /// its columns and its order; without those of the queries in it.
    pub fn operands<'a>(&'a self, visit: &mut dyn FnMut(&'a Operand)) {
        if let Some(filter) = &self.filter {
            filter.operands(visit);
        }
        self.order.iter().for_each(|key| visit(&key.operand));
        match &self.select {
            Select::Groups(groups) => {
                groups.keys.iter().for_each(&mut *visit);
                groups.columns.iter().for_each(|(operand, _)| visit(operand));
                if let Some(having) = &groups.having {
                    having.operands(visit);
                }
            }
            Select::Columns(columns) => {
                for column in columns {
                    if let Column::Value { operand, .. } = column {
                        visit(operand);
                    }
                }
            }
            Select::Records | Select::Count => {}
        }
    }

    /// Adds a sort key.
    #[must_use]
    pub fn order_by(mut self, order: OrderBy) -> Self {
        self.order.push(order);
        self
    }

    /// Returns at most this number of records.
    #[must_use]
    pub fn limit(mut self, records: usize) -> Self {
        self.limit = Some(records);
        self
    }

    /// Leaves out this number of records first.
    #[must_use]
    pub fn offset(mut self, records: usize) -> Self {
        self.offset = records;
        self
    }

    /// Asks for some columns alone, besides the id.
    #[must_use]
    pub fn columns(mut self, columns: impl IntoIterator<Item = Column>) -> Self {
        let mut all = match self.select {
            Select::Columns(columns) => columns,
            _ => Vec::new(),
        };
        all.extend(columns);
        self.select = Select::Columns(all);
        self
    }

    /// Asks for one row for each group of records.
    #[must_use]
    pub fn groups(mut self, groups: Groups) -> Self {
        self.select = Select::Groups(groups);
        self
    }

    /// Looks in the recycle bin too: SOQL's `ALL ROWS`.
    #[must_use]
    pub fn all_rows(mut self) -> Self {
        self.rows = Rows::All;
        self
    }

    /// Asks for the number of records alone.
    #[must_use]
    pub fn count(mut self) -> Self {
        self.select = Select::Count;
        self
    }
}

/// What a query found.
#[derive(Debug, Clone, Default)]
pub struct QueryAnswer {
    /// The number of records, also where only that was asked for.
    pub count: usize,
    /// The records in order.
    pub records: Vec<Stored>,
}
