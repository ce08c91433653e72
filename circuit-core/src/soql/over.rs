//! What a query is over and what it selects, as the compiler knows it.

use crate::record::Record;

/// An object by the number that the macros make of its name, so that the compiler compares them.
#[derive(Debug)]
pub struct ObjectTag<const NAME: u64>(());

/// What `soql!` says of a query; for generated code.
pub trait SoqlQuery: 'static {
    /// The [`ObjectTag`] of the object.
    type Object: 'static;

    /// What it selects.
    const SELECTED: SelectedFields;
}

/// The fields of the object itself that a query selects.
#[derive(Debug, Clone, Copy)]
pub struct SelectedFields {
    /// Their names.
    pub fields: &'static [&'static str],
    /// Whether it selects no others: not with `FIELDS(ALL)`, nor with aggregates.
    pub complete: bool,
    /// The file and the line of the query: the compiler names those of the call at best.
    pub place: &'static str,
}

/// A type of records of an object; for generated code.
#[diagnostic::on_unimplemented(
    message = "`{Self}` stands for records of another object than the query is over",
    label = "records of another object"
)]
pub trait RecordOf<Object> {
    /// The type's name, for messages.
    const NAME: &'static str;

    /// The fields that the type names; `None` if it takes any.
    const FIELDS: Option<StructFields>;
}

impl<Object> RecordOf<Object> for Record {
    const NAME: &'static str = "Record";
    const FIELDS: Option<StructFields> = None;
}

/// The fields that a struct names.
#[derive(Debug, Clone, Copy)]
pub struct StructFields {
    /// The fields.
    pub fields: &'static [StructField],
    /// Whether it takes others too, with `#[sobject(flatten)]`.
    pub open: bool,
}

/// A field that a struct names.
#[derive(Debug, Clone, Copy)]
pub struct StructField {
    /// The field's name.
    pub name: &'static str,
    /// Whether a record without the field cannot be read.
    pub required: bool,
}

/// What stands for a query with a mistake, so that the mistake is the only message.
#[derive(Debug, Clone, Copy)]
pub struct Mistaken(pub(crate) ());
