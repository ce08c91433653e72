//! What a store is asked.

use super::filter::Filter;
use super::plan::Version;
use crate::error::{Error, ErrorKind, Result};
use crate::record::{Record, RecordId};
use crate::schema::{FieldSchema, ObjectSchema};
use crate::value::{Text, Value};

/// A record with the version it has in the store.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The record.
    pub record: Record,
    /// Its version.
    pub version: Version,
}

/// Which way an order runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Smallest first.
    #[default]
    Ascending,
    /// Largest first.
    Descending,
}

/// Where records without a value stand in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Nulls {
    /// Before all others; the default in both directions, as in SOQL.
    #[default]
    First,
    /// After all others.
    Last,
}

/// One sort key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderBy {
    /// The field.
    pub field: Text,
    /// Which way.
    pub direction: Direction,
    /// Where nulls stand.
    pub nulls: Nulls,
}

impl OrderBy {
    /// Orders by a field, smallest first, nulls first.
    pub fn ascending(field: impl AsRef<str>) -> Self {
        let field = Text::from(field.as_ref());
        Self { field, direction: Direction::Ascending, nulls: Nulls::First }
    }

    /// Orders by a field, largest first, nulls first.
    pub fn descending(field: impl AsRef<str>) -> Self {
        Self { direction: Direction::Descending, ..Self::ascending(field) }
    }

    /// Puts records without a value last.
    #[must_use]
    pub fn nulls_last(mut self) -> Self {
        self.nulls = Nulls::Last;
        self
    }
}

/// Which records a query is over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Rows {
    /// Those that are not deleted.
    #[default]
    Live,
    /// Those in the recycle bin that the delete of this record took along.
    DeletedWith(RecordId),
}

/// A query over one object: filter, order, limit, offset.
///
/// # Examples
/// ```
/// use circuit_core::{Filter, OrderBy, Query};
///
/// let hot = Query::from("Contact")
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
    /// Whether only the number of records is wanted; limit and offset apply to it.
    pub count: bool,
}

impl Query {
    /// Asks for all records of an object.
    pub fn from(object: impl AsRef<str>) -> Self {
        Self {
            object: Text::from(object.as_ref()),
            rows: Rows::Live,
            filter: None,
            order: Vec::new(),
            limit: None,
            offset: 0,
            count: false,
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

    /// Asks for the number of records alone.
    #[must_use]
    pub fn count(mut self) -> Self {
        self.count = true;
        self
    }

    /// Checks that the object has every field that the query names; every store calls it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidQuery`] naming object and field.
    pub fn check(&self, schema: &ObjectSchema) -> Result<()> {
        let mut unknown = None;
        let mut visit = |field: &Text| {
            if schema.field(field).is_none() && !field.eq_ignore_ascii_case("Id") {
                unknown.get_or_insert_with(|| field.clone());
            }
        };
        if let Some(filter) = &self.filter {
            filter.fields(&mut visit);
        }
        self.order.iter().for_each(|key| visit(&key.field));
        match unknown {
            None => Ok(()),
            Some(field) => Err(Error::new(ErrorKind::InvalidQuery, "the object has no such field")
                .with("object", schema.object())
                .with("field", field)),
        }
    }

    /// Sorts, skips and cuts records that match already, as every store must.
    pub fn finish(&self, mut records: Vec<Stored>) -> QueryAnswer {
        if self.count {
            let left = records.len().saturating_sub(self.offset);
            return QueryAnswer {
                count: self.limit.map_or(left, |limit| left.min(limit)),
                records: Vec::new(),
            };
        }
        records.sort_by(|a, b| self.compare(&a.record, &b.record));
        let records: Vec<Stored> =
            records.into_iter().skip(self.offset).take(self.limit.unwrap_or(usize::MAX)).collect();
        QueryAnswer { count: records.len(), records }
    }

    fn compare(&self, a: &Record, b: &Record) -> std::cmp::Ordering {
        let keys = self.order.iter().map(|key| key.compare(a.get(&key.field), b.get(&key.field)));
        keys.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
            .then_with(|| a.id().cmp(&b.id()))
    }
}

impl OrderBy {
    fn compare(&self, a: Option<&Value>, b: Option<&Value>) -> std::cmp::Ordering {
        use std::cmp::Ordering::{Equal, Greater, Less};

        let present = |value: Option<&Value>| value.is_some_and(|value| !value.is_null());
        match (present(a), present(b)) {
            (false, false) => Equal,
            (false, true) => {
                if self.nulls == Nulls::First {
                    Less
                } else {
                    Greater
                }
            }
            (true, false) => {
                if self.nulls == Nulls::First {
                    Greater
                } else {
                    Less
                }
            }
            (true, true) => {
                let order = super::filter::total_order(a, b);
                if self.direction == Direction::Ascending { order } else { order.reverse() }
            }
        }
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

/// What names one record.
#[derive(Debug, Clone, PartialEq)]
pub enum FetchKey {
    /// Its id.
    Id(RecordId),
    /// The value of a unique field.
    Unique {
        /// The field's name.
        field: Text,
        /// The value; text matches without regard to case.
        value: Value,
    },
}

/// Where records are looked for by id; unique values are those of live records only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FetchScope {
    /// Among the records that are not deleted.
    #[default]
    Live,
    /// In the recycle bin.
    RecycleBin,
    /// In both.
    Anywhere,
}

impl FetchScope {
    /// Returns whether a record is in the scope.
    pub fn has(self, deleted: bool) -> bool {
        match self {
            Self::Live => !deleted,
            Self::RecycleBin => deleted,
            Self::Anywhere => true,
        }
    }
}

/// Asks for records of one object by key.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FetchRequest {
    /// The object's name.
    pub object: Text,
    /// The keys.
    pub keys: Vec<FetchKey>,
    /// Where to look for ids.
    pub scope: FetchScope,
}

impl FetchRequest {
    /// Asks for records by id.
    pub fn by_id(object: impl Into<Text>, ids: impl IntoIterator<Item = RecordId>) -> Self {
        let keys = ids.into_iter().map(FetchKey::Id).collect();
        Self { object: object.into(), keys, scope: FetchScope::Live }
    }

    /// Asks for records by any keys.
    pub fn by_keys(object: impl Into<Text>, keys: Vec<FetchKey>) -> Self {
        Self { object: object.into(), keys, scope: FetchScope::Live }
    }

    /// Checks that every key names one record: an id, or a unique field of the object's schema.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidQuery`] naming object and field.
    pub fn check(&self, schema: Option<&ObjectSchema>) -> Result<()> {
        for key in &self.keys {
            let FetchKey::Unique { field, .. } = key else {
                continue;
            };
            let declared = schema.and_then(|schema| schema.field(field));
            if !declared.is_some_and(FieldSchema::is_unique) {
                let message = "records are fetched by id or by a unique field";
                return Err(Error::new(ErrorKind::InvalidQuery, message)
                    .with("object", &self.object)
                    .with("field", field));
            }
        }
        Ok(())
    }

    /// Looks in the recycle bin instead.
    #[must_use]
    pub fn in_recycle_bin(mut self) -> Self {
        self.scope = FetchScope::RecycleBin;
        self
    }

    /// Looks in the recycle bin too.
    #[must_use]
    pub fn anywhere(mut self) -> Self {
        self.scope = FetchScope::Anywhere;
        self
    }
}
