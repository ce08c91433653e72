//! What one database says in its own way.

use std::fmt::Debug;
use std::sync::Arc;

use chrono_tz::Tz;
use circuit_core::{
    Aggregate, DatePart, Distance, FieldSchema, FieldType, ObjectSchema, Shape, Text, Value,
};

use super::decode::{Decode, JsonCell};
use super::fragment::Fragment;

/// How one object is stored.
pub(crate) trait SqlTable {
    /// Returns the name, qualified and quoted.
    fn name(&self) -> &str;
    fn object(&self) -> &Text;
    fn schema(&self) -> Option<&Arc<ObjectSchema>>;
    fn shape(&self) -> &Arc<Shape>;

    fn field(&self, name: &str) -> Option<&FieldSchema> {
        self.schema()?.field(name)
    }
}

/// A value in SQL, and what it is compared by.
#[derive(Debug, Clone)]
pub(crate) struct Typed<P> {
    /// The type that it is compared as.
    pub(crate) kind: FieldType,
    /// How it is read.
    pub(crate) decode: Decode,
    /// The columns that are read.
    pub(crate) value: Vec<Fragment<P>>,
    /// The columns that are compared; without them, those that are read.
    pub(crate) key: Option<Vec<Fragment<P>>>,
    /// What follows each of them where they are compared.
    pub(crate) collate: &'static str,
}

impl<P: Clone> Typed<P> {
    /// Returns what is compared, without the collation.
    pub(crate) fn bare(&self) -> &[Fragment<P>] {
        self.key.as_ref().unwrap_or(&self.value)
    }

    /// Returns what is compared.
    pub(crate) fn keys(&self) -> Vec<Fragment<P>> {
        self.bare().iter().map(|part| part.clone().text(self.collate)).collect()
    }

    /// Returns what is compared as one thing.
    pub(crate) fn tuple(&self) -> Fragment<P> {
        Fragment::tuple(self.keys())
    }

    /// Returns the condition that there is no value: null, or the empty text.
    pub(crate) fn empty(&self) -> Fragment<P> {
        let part = self.bare()[0].clone();
        match self.kind {
            FieldType::Text => {
                let null = part.clone().text(" IS NULL OR ");
                null.then(part).text(" = ''").within("(", ")")
            }
            _ => part.text(" IS NULL"),
        }
    }

    /// Changes each of the columns.
    pub(crate) fn map(mut self, change: impl Fn(Fragment<P>) -> Fragment<P>) -> Self {
        self.value = self.value.into_iter().map(&change).collect();
        self.key = self.key.map(|key| key.into_iter().map(&change).collect());
        self
    }

    /// Makes the empty text null.
    pub(crate) fn filled(self) -> Self {
        if self.kind != FieldType::Text {
            return self;
        }
        self.map(|part| part.within("nullif(", ", '')"))
    }
}

/// A value beside a column.
#[derive(Debug)]
pub(crate) enum Bound<C> {
    /// No value.
    Empty,
    /// A value of a type that the column never has.
    Stranger,
    /// What is bound, one for each column that is compared.
    Cells(Vec<C>),
}

/// What is looked up, and the columns in which it is.
pub(crate) type Sides<P> = (Fragment<P>, Vec<Fragment<P>>);

/// The cells of each value of a list.
pub(crate) type Lists<C> = Vec<Vec<C>>;

/// What one database says in its own way.
pub(crate) trait Dialect: Sized {
    /// A bound value.
    type Cell: Clone + Debug;
    /// A parameter.
    type Param: Clone + Debug;
    /// A stored object.
    type Table: SqlTable;

    /// Returns the field of a record.
    fn field(&self, alias: &str, field: &FieldSchema) -> Typed<Self::Param>;

    /// Returns the id of a record.
    fn id(&self, alias: &str) -> Typed<Self::Param>;

    /// Returns a text that is the same in all rows.
    fn text(&self, text: &str) -> Typed<Self::Param>;

    /// Returns the column that a unique field's value is found by, among live records.
    fn unique(&self, alias: &str, field: &FieldSchema) -> Fragment<Self::Param>;

    /// Returns what that column holds for a value.
    fn unique_key(&self, value: &Value) -> Option<Fragment<Self::Param>>;

    /// Returns what a reference is joined by to the key of a record; `None` for what is no id.
    fn reference(&self, of: &Typed<Self::Param>) -> Option<Fragment<Self::Param>>;

    /// Returns both sides of a look-up in a query; `None` if only Circuit can compare the two.
    fn semi_join(
        &self,
        own: &Typed<Self::Param>,
        found: &Typed<Self::Param>,
    ) -> Option<Sides<Self::Param>>;

    /// Returns the columns that are read in a row of a result.
    fn read(&self, value: &Typed<Self::Param>) -> Vec<Fragment<Self::Param>>;

    /// Returns the columns that are read in a row of JSON, as many.
    fn read_json(&self, value: &Typed<Self::Param>) -> Vec<Fragment<Self::Param>>;

    /// Returns how many columns a value is read from.
    fn width(decode: Decode) -> usize;

    /// Reads a value from JSON; `None` if it is none of the type.
    fn from_json(decode: Decode, cells: &[JsonCell<'_>]) -> Option<Value>;

    /// Returns what is read to know the fields that have no column.
    fn rest(&self, alias: &str) -> String;

    /// Returns a value as a column compares it; `None` if only Circuit can compare the two.
    fn bind(&self, kind: FieldType, value: &Value) -> Option<Bound<Self::Cell>>;

    /// Returns cells as things to compare.
    fn marks(&self, kind: FieldType, cells: Vec<Self::Cell>) -> Vec<Fragment<Self::Param>>;

    /// Returns the cells of a list as parameters.
    fn list(&self, kind: FieldType, lists: Lists<Self::Cell>) -> Vec<Fragment<Self::Param>>;

    /// Returns the condition that a value is in a list.
    fn is_in(
        &self,
        own: &Typed<Self::Param>,
        list: Vec<Fragment<Self::Param>>,
    ) -> Fragment<Self::Param>;

    /// Returns the condition that a text matches a pattern.
    fn like(&self, own: &Typed<Self::Param>, pattern: &str) -> Option<Fragment<Self::Param>>;

    /// Returns the condition that a value of a multi-picklist is chosen.
    fn chosen(&self, own: &Typed<Self::Param>, value: &str) -> Fragment<Self::Param>;

    /// Returns a number as a parameter, `None` for no limit.
    fn number(&self, number: Option<usize>) -> Fragment<Self::Param>;

    /// Returns a key of a record as a parameter.
    fn key(&self, key: &str) -> Fragment<Self::Param>;

    /// Returns the condition that a record is live where no index of unique values is asked.
    fn scanned(&self, alias: &str) -> String;

    /// Returns the condition that a record is deleted, or live.
    fn deleted(&self, alias: &str, deleted: bool) -> String;

    fn date_part(
        &self,
        part: DatePart,
        of: &Typed<Self::Param>,
        zone: Tz,
    ) -> Option<Typed<Self::Param>>;

    fn distance(
        &self,
        distance: &Distance,
        latitude: &Typed<Self::Param>,
        longitude: &Typed<Self::Param>,
    ) -> Option<Typed<Self::Param>>;

    fn format(&self, of: &Typed<Self::Param>) -> Option<Typed<Self::Param>>;

    /// Returns an aggregate over columns of a derived table; `None` if Circuit has to do it.
    fn aggregate(
        &self,
        aggregate: Aggregate,
        of: &Typed<Self::Param>,
    ) -> Option<Typed<Self::Param>>;

    /// Returns one of a group's columns for all: the first in the order of their bytes, a number
    /// without zeros at its end.
    fn first(&self, kind: FieldType, part: Fragment<Self::Param>) -> Fragment<Self::Param>;

    /// Returns a row of JSON, at most [`JSON_ROW`] long.
    fn json_row(&self, parts: Vec<Fragment<Self::Param>>) -> Fragment<Self::Param>;

    /// Returns a list of rows of JSON.
    fn json_rows(&self, row: Fragment<Self::Param>) -> Fragment<Self::Param>;

    /// Whether the order of a query inside another is kept where it has no limit.
    const KEEPS_ORDER: bool;

    /// Whether `GROUPING SETS` are known.
    const GROUPING_SETS: bool;

    /// What ends a query so that the conditions of one around it are not asked before it is done.
    const FENCE: &str;

    /// The most tables in one `FROM`.
    const MAX_JOINS: usize;

    /// The most parameters of a statement.
    const MAX_PARAMS: usize;
}

/// The most columns of one row of JSON; longer ones nest.
pub(crate) const JSON_ROW: usize = 90;
