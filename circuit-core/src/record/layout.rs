//! What a struct has room for, as the compiler knows it.

use std::marker::PhantomData;

use super::SObject;
use crate::value::FieldType;

/// The fields that a struct names.
#[derive(Debug, Clone, Copy)]
pub struct StructFields {
    /// The struct's name, for messages.
    pub name: &'static str,
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
    /// What it has room for.
    pub holds: Holds,
}

/// What a field of a struct has room for.
#[derive(Debug, Clone, Copy)]
pub enum Holds {
    /// A value of one type.
    Value,
    /// Any value, parents and children too.
    Any,
    /// A parent with these fields; with any if `None`.
    Parent(Option<&'static StructFields>),
    /// Children with these fields; with any if `None`.
    Children(Option<&'static StructFields>),
}

impl Holds {
    /// Returns what a field of this type has room for.
    pub const fn value(of: FieldType) -> Self {
        match of {
            FieldType::Any | FieldType::Json => Self::Any,
            _ => Self::Value,
        }
    }

    /// Returns what a `related` field has room for: one record with these fields, or many.
    pub const fn related(many: bool, fields: Option<&'static StructFields>) -> Self {
        if many { Self::Children(fields) } else { Self::Parent(fields) }
    }
}

/// A struct's fields, and those of its parents and children down to some depth.
pub trait Layout {
    /// The fields; `None` if it takes any, or if they are deeper than one looks.
    const FIELDS: Option<&'static StructFields>;
}

/// Takes any fields.
#[derive(Debug)]
pub enum AnyFields {}

impl Layout for AnyFields {
    const FIELDS: Option<&'static StructFields> = None;
}

/// How many relationships deep the compiler looks: structs refer to each other in circles.
pub trait Depth: 'static {
    /// What is seen of the record type of a parent or of children.
    type Layout<T: SObject>: Layout;
}

/// The struct itself.
#[derive(Debug)]
pub enum Here {}

/// One relationship deeper than `D`.
#[derive(Debug)]
pub struct Deeper<D>(PhantomData<D>);

impl Depth for Here {
    type Layout<T: SObject> = AnyFields;
}

impl<D: Depth> Depth for Deeper<D> {
    type Layout<T: SObject> = T::Layout<D>;
}
