//! What a condition, a column or a sort key is about: a field, or something made of fields.

use std::fmt;

use chrono_tz::Tz;

use crate::value::Text;

/// A field of the record, or of one of its parents: `Email`, `Account.Owner.Name`.
///
/// # Examples
/// ```
/// use circuit_core::FieldPath;
///
/// let path = FieldPath::from("Account.Name");
/// assert_eq!((path.hops.len(), path.field.as_str()), (1, "Name"));
/// assert_eq!(path.to_string(), "Account.Name");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FieldPath {
    /// The relationships that lead to the parent; empty for a field of the record itself.
    pub hops: Vec<Hop>,
    /// The field.
    pub field: Text,
}

/// One step from a record to its parent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Hop {
    /// The name of the relationship.
    pub relationship: Text,
    /// The field that holds the parent's id; empty until [`Query::resolve`](super::Query::resolve)
    /// has found it.
    pub reference: Text,
    /// The objects that the parent can be of; several where the reference is polymorphic.
    pub objects: Vec<Text>,
}

impl Hop {
    /// Creates a step that nobody has resolved yet.
    pub fn new(relationship: impl Into<Text>) -> Self {
        Self { relationship: relationship.into(), reference: Text::default(), objects: Vec::new() }
    }
}

impl FieldPath {
    /// Returns whether the field is the record's own.
    pub fn is_own(&self) -> bool {
        self.hops.is_empty()
    }
}

impl From<&str> for FieldPath {
    fn from(path: &str) -> Self {
        let (hops, field) = path.rsplit_once('.').unwrap_or(("", path));
        let hops = if hops.is_empty() && !path.starts_with('.') {
            Vec::new()
        } else {
            hops.split('.').map(Hop::new).collect()
        };
        Self { hops, field: field.into() }
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for hop in &self.hops {
            write!(f, "{}.", hop.relationship)?;
        }
        f.write_str(&self.field)
    }
}

/// A part of a date, as a number; `DayOnly` is a date.
///
/// Weeks and days count as in SOQL: a week of a year or month starts where that starts, a week's
/// first day is Sunday, fiscal years are calendar years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DatePart {
    /// 1 to 12.
    Month,
    /// 1 to 4.
    Quarter,
    /// The year.
    Year,
    /// 1 to 31.
    DayInMonth,
    /// 1 for Sunday to 7.
    DayInWeek,
    /// 1 to 366.
    DayInYear,
    /// The date of a date-time.
    DayOnly,
    /// 0 to 23, of a date-time.
    HourInDay,
    /// 1 to 5.
    WeekInMonth,
    /// 1 to 53.
    WeekInYear,
}

/// A function over the records of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Aggregate {
    /// The number of records, or of those whose field is not null.
    Count,
    /// The number of different values; text counts without regard to case.
    CountDistinct,
    /// The smallest value.
    Min,
    /// The largest value.
    Max,
    /// The sum, exact; null if no record has a value.
    Sum,
    /// The sum over the number of values, rounded to ten places, halves away from zero; there also
    /// where the sum is too large.
    Avg,
}

/// A unit of distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DistanceUnit {
    /// Statute miles.
    Miles,
    /// Kilometres.
    Kilometers,
}

/// A place on the earth, in degrees.
#[derive(Clone, Copy, PartialEq)]
pub struct Place {
    /// North of the equator.
    pub latitude: f64,
    /// East of Greenwich.
    pub longitude: f64,
}

impl fmt::Debug for Place {
    /// Shows no coordinates: they say where somebody is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").finish_non_exhaustive()
    }
}

/// The distance from a record's place to another one.
#[derive(Debug, Clone, PartialEq)]
pub struct Distance {
    /// The number field with the latitude of the record's place.
    pub latitude: FieldPath,
    /// The number field with its longitude.
    pub longitude: FieldPath,
    /// The other place.
    pub place: Place,
    /// In which unit.
    pub unit: DistanceUnit,
}

/// What a condition, a column or a sort key is about.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Operand {
    /// A field.
    Field(FieldPath),
    /// A part of a date; a date-time is looked at in the time zone.
    Date(DatePart, FieldPath, Tz),
    /// A function over the records of a group; without a field, the number of records.
    Aggregate(Aggregate, Option<FieldPath>),
    /// 1 in a subtotal over this key, 0 elsewhere.
    Grouping(Box<Self>),
    /// The distance from a record's place to another one.
    Distance(Box<Distance>),
    /// A field's value as text.
    Format(FieldPath),
    /// The value of an aggregate as text.
    FormatOf(Box<Self>),
}

impl Operand {
    /// Names a field, also of a parent: `Account.Name`.
    pub fn field(path: impl AsRef<str>) -> Self {
        Self::Field(FieldPath::from(path.as_ref()))
    }

    /// Applies a function to the records of a group.
    pub fn aggregate(function: Aggregate, field: impl AsRef<str>) -> Self {
        Self::Aggregate(function, Some(FieldPath::from(field.as_ref())))
    }

    /// Counts the records of a group.
    pub fn count() -> Self {
        Self::Aggregate(Aggregate::Count, None)
    }

    /// Returns whether this is about a group of records, not about one.
    pub fn is_aggregate(&self) -> bool {
        match self {
            Self::Aggregate(..) | Self::Grouping(_) => true,
            Self::FormatOf(inner) => inner.is_aggregate(),
            _ => false,
        }
    }

    /// Returns what this is the text of.
    pub(in crate::db) fn formats(&self) -> Option<Self> {
        match self {
            Self::Format(path) => Some(Self::Field(path.clone())),
            Self::FormatOf(inner) => Some(Self::clone(inner)),
            _ => None,
        }
    }

    /// Returns the name that the value has in a result without an alias.
    pub fn name(&self) -> Text {
        match self {
            Self::Field(path)
            | Self::Format(path)
            | Self::Date(_, path, _)
            | Self::Aggregate(_, Some(path)) => path.field.clone(),
            Self::Grouping(inner) | Self::FormatOf(inner) => inner.name(),
            Self::Aggregate(_, None) | Self::Distance(_) => Text::from_static("expr"),
        }
    }

    /// Calls `visit` with each field that the operand reads.
    pub fn paths<'a>(&'a self, visit: &mut dyn FnMut(&'a FieldPath)) {
        match self {
            Self::Field(path) | Self::Date(_, path, _) | Self::Format(path) => visit(path),
            Self::Aggregate(_, path) => path.iter().for_each(visit),
            Self::Grouping(inner) | Self::FormatOf(inner) => inner.paths(visit),
            Self::Distance(distance) => {
                visit(&distance.latitude);
                visit(&distance.longitude);
            }
        }
    }

    /// Calls `change` with each field that the operand reads.
    pub(super) fn paths_mut(
        &mut self,
        change: &mut dyn FnMut(&mut FieldPath) -> crate::error::Result<()>,
    ) -> crate::error::Result<()> {
        match self {
            Self::Field(path) | Self::Date(_, path, _) | Self::Format(path) => change(path),
            Self::Aggregate(_, path) => path.as_mut().map_or(Ok(()), change),
            Self::Grouping(inner) | Self::FormatOf(inner) => inner.paths_mut(change),
            Self::Distance(distance) => {
                change(&mut distance.latitude)?;
                change(&mut distance.longitude)
            }
        }
    }
}

impl From<&str> for Operand {
    fn from(path: &str) -> Self {
        Self::field(path)
    }
}

impl From<FieldPath> for Operand {
    fn from(path: FieldPath) -> Self {
        Self::Field(path)
    }
}
