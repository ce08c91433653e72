//! What a query is over and what it selects, as the compiler knows it.

use crate::record::{Depth, Record, SObject};

/// An object by the number that the macros make of its name, so that the compiler compares them.
#[derive(Debug)]
pub struct ObjectTag<const NAME: u64>(());

/// What `soql!` says of a query; for generated code.
pub trait SoqlQuery: 'static {
    /// The [`ObjectTag`] of the object.
    type Object: 'static;

    /// [`Records`], [`Groups`] or a [`Number`].
    type Gives: 'static;

    /// How deep its relationships lead.
    type Depth: Depth;

    /// What it selects.
    const SELECTED: Selected;
}

/// What a query over records gives.
#[derive(Debug)]
pub enum Records {}

/// What a query with aggregates or `GROUP BY` gives.
#[derive(Debug)]
pub enum Groups {}

/// What a query with `COUNT()` gives.
#[derive(Debug)]
pub enum Number {}

/// What gives records.
#[diagnostic::on_unimplemented(
    message = "this query gives rows of groups or a number, not records",
    label = "no records",
    note = "rows of a query with aggregates or GROUP BY are read with `aggregate`, the number of \
            COUNT() with `count`"
)]
pub trait GiveRecords {}

impl GiveRecords for Records {}

/// What gives rows of groups.
#[diagnostic::on_unimplemented(
    message = "this query gives records or a number, not rows of groups",
    label = "no rows of groups",
    note = "`aggregate` takes a query with aggregates or GROUP BY; records are read with `query`, \
            the number of COUNT() with `count`"
)]
pub trait GiveGroups {}

impl GiveGroups for Groups {}

/// A query over the object of a record type.
#[diagnostic::on_unimplemented(
    message = "a query over `{Self}` does not give records of type `{T}`",
    label = "no query over the object of `{T}`",
    note = "the object after FROM is that of the struct: `#[sobject(\"..\")]`"
)]
pub trait Over<T> {}

#[diagnostic::do_not_recommend]
impl<T, Q> Over<T> for Q
where
    T: SObject + RecordOf<Q::Object>,
    Q: SoqlQuery,
{
}

/// A type of records of an object; for generated code.
pub trait RecordOf<Object> {}

impl<Object> RecordOf<Object> for Record {}

/// What a query selects, and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Selected {
    /// The query.
    pub text: &'static str,
    /// The file, and the line of the macro.
    pub place: [&'static str; 2],
    /// What it selects of the object, or the columns of its rows.
    pub fields: SelectedFields,
}

/// What a query selects of an object, or of a parent or children.
#[derive(Debug, Clone, Copy)]
pub struct SelectedFields {
    /// The relationships that lead there, each with a point behind it.
    pub lead: &'static str,
    /// The fields and relationships.
    pub fields: &'static [SelectedField],
    /// Whether it selects no others: not with `FIELDS(ALL)`.
    pub complete: bool,
    /// Where they stand.
    pub at: Spot,
}

/// A field or a relationship that a query selects.
#[derive(Debug, Clone, Copy)]
pub struct SelectedField {
    /// Its name.
    pub name: &'static str,
    /// What is selected of it.
    pub under: Under,
    /// Where it stands.
    pub at: Spot,
}

/// What is selected of a field or a relationship.
#[derive(Debug, Clone, Copy)]
pub enum Under {
    /// A field's value.
    Value,
    /// These of a parent.
    Parent(&'static SelectedFields),
    /// These of children.
    Children(&'static SelectedFields),
}

/// A part of a query's text.
#[derive(Debug, Clone, Copy)]
pub struct Spot {
    /// The first byte.
    pub start: usize,
    /// The byte behind the last.
    pub end: usize,
    /// Line and column in the file, as in `5:12`; empty where the macro could not see them.
    pub place: &'static str,
}

/// What stands for a query with a mistake, so that the mistake is the only message.
#[derive(Debug, Clone, Copy)]
pub struct Mistaken(pub(crate) ());
