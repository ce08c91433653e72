//! What a query returns: whole records, some columns, groups, or a number.

use super::Query;
use super::operand::{FieldPath, Hop, Operand};
use crate::db::filter::Filter;
use crate::value::Text;

/// What a query returns.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum Select {
    /// Whole records.
    #[default]
    Records,
    /// The number of records; limit and offset apply to it.
    Count,
    /// Some values of each record; the id is always among them, as in Apex.
    Columns(Vec<Column>),
    /// One row for each group of records.
    Groups(Groups),
}

/// One column of a result.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Column {
    /// A value; a field of a parent is in a record under the relationship's name.
    Value {
        /// Which.
        operand: Operand,
        /// Its name; without one, [`Operand::name`].
        alias: Option<Text>,
    },
    /// A set of fields, until the query is resolved.
    Fields(FieldSet),
    /// The records that refer to this one.
    Children(Box<Children>),
    /// Fields of a parent that depend on its object.
    TypeOf(TypeOf),
}

/// A set of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldSet {
    /// All.
    All,
    /// Those whose names do not end in `__c`.
    Standard,
    /// Those whose names end in `__c`.
    Custom,
}

/// The records of another object that refer to a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Children {
    /// The name of the relationship, under which they are in the result.
    pub relationship: Text,
    /// Their field with the record's id; empty until the query is resolved.
    pub reference: Text,
    /// Which of them; its object is empty until the query is resolved.
    pub query: Query,
}

/// Fields of a parent that depend on its object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeOf {
    /// The relationship.
    pub hop: Hop,
    /// The fields by object.
    pub branches: Vec<(Text, Vec<FieldPath>)>,
    /// The fields of all other objects.
    pub otherwise: Vec<FieldPath>,
}

/// Groups of records that agree on some keys.
///
/// Text keys agree without regard to case; the row shows the first of the group's texts in the order
/// of their bytes. It shows numbers without zeros at their end, whichever of 1, 1.0 and 1.00 there
/// are; so do all aggregates. Rows come in the order of the keys, nulls first, subtotals after what they sum up,
/// unless the query says otherwise.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Groups {
    /// The keys; one group of all records if there are none.
    pub keys: Vec<Operand>,
    /// Whether there are subtotals, and which.
    pub grouping: Grouping,
    /// The values of each row with their names; keys, aggregates and `GROUPING` alone.
    pub columns: Vec<(Operand, Text)>,
    /// Which groups are kept.
    pub having: Option<Filter>,
}

/// Which subtotals a grouped query has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Grouping {
    /// None.
    #[default]
    Plain,
    /// Over the keys from the last to the first.
    Rollup,
    /// Over each set of keys.
    Cube,
}

impl Groups {
    /// Returns for each set of groups which keys it has, the one with all keys first.
    pub fn sets(&self) -> Vec<Vec<bool>> {
        let n = self.keys.len();
        match self.grouping {
            Grouping::Plain => vec![vec![true; n]],
            Grouping::Rollup => {
                (0..=n).rev().map(|kept| (0..n).map(|key| key < kept).collect()).collect()
            }
            Grouping::Cube => (0..1_usize << n.min(16))
                .map(|without| (0..n).map(|key| without >> (n - 1 - key) & 1 == 0).collect())
                .collect(),
        }
    }
}

impl Column {
    /// Selects a field, also of a parent: `Account.Name`.
    pub fn field(path: impl AsRef<str>) -> Self {
        Self::Value { operand: Operand::field(path), alias: None }
    }

    /// Selects a value under a name.
    pub fn named(operand: Operand, alias: impl Into<Text>) -> Self {
        Self::Value { operand, alias: Some(alias.into()) }
    }

    /// Selects the records that refer to this one through a relationship.
    pub fn children(relationship: impl Into<Text>, query: Query) -> Self {
        let relationship = relationship.into();
        Self::Children(Box::new(Children { relationship, reference: Text::default(), query }))
    }
}
