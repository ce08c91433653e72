//! Whether the value of a variable can have the type of a field, told while compiling.
//!
//! What the compiler knows of a value is one of a few kinds; a type that it does not know, as
//! somebody's own `FieldValue`, or `Value` itself, is left to the check at run time.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::marker::PhantomData;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use rust_decimal::Decimal;

use crate::record::RecordId;
use crate::value::{MultiPicklist, Text};

/// The kinds of values.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug)]
        pub enum $kind {}
    )+};
}

kinds! {
    /// True or false.
    BooleanKind;
    /// A number.
    NumberKind;
    /// Text; it can be an id, too.
    TextKind;
    /// A day.
    DateKind;
    /// A moment.
    DateTimeKind;
    /// A time of day.
    TimeKind;
    /// An id.
    IdKind;
    /// Several values of a list.
    MultiPicklistKind;
    /// What is known at run time only.
    UnknownKind;
}

/// The kinds of fields: which values fit them (those that [`types`](super::types) accepts), and what
/// can be shown only where the value fits.
macro_rules! fields {
    ($(
        $(#[doc = $doc:literal])+
        $shown:ident $fits:ident: $($kind:ident)+,
        $message:literal $label:literal $note:literal;
    )+) => {$(
        /// A kind of value that fits.
        #[diagnostic::on_unimplemented(
            message = $message,
            label = $label,
            note = $note,
            note = "a `Value` is looked at when the query runs"
        )]
        pub trait $fits<V> {}

        impl<V> $fits<V> for UnknownKind {}
        $(impl<V> $fits<V> for $kind {})+

        $(#[doc = $doc])+
        #[derive(Debug)]
        pub struct $shown<V, Kind>(pub Probe<V, Kind>);

        impl<V, Kind: $fits<V>> fmt::Display for $shown<V, Kind> {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                Ok(())
            }
        }
    )+};
}

fields! {
    /// A value for a boolean.
    ForBoolean FitsBoolean: BooleanKind,
    "`{V}` is compared with a boolean" "no value for a boolean" "it takes `bool`";
    /// A value for a number.
    ForNumber FitsNumber: NumberKind,
    "`{V}` is compared with a number" "no value for a number"
    "it takes `i64` and other whole numbers, and `Decimal`";
    /// A value for a text.
    ForText FitsText: TextKind IdKind,
    "`{V}` is compared with a text" "no value for a text"
    "it takes `String`, `&str`, `Text` and `RecordId`";
    /// A value for a date.
    ForDate FitsDate: DateKind,
    "`{V}` is compared with a date" "no value for a date" "it takes `NaiveDate`";
    /// A value for a date-time.
    ForDateTime FitsDateTime: DateTimeKind,
    "`{V}` is compared with a date-time" "no value for a date-time" "it takes `DateTime<Utc>`";
    /// A value for a time.
    ForTime FitsTime: TimeKind,
    "`{V}` is compared with a time" "no value for a time" "it takes `NaiveTime`";
    /// A value for an id.
    ForId FitsId: IdKind TextKind,
    "`{V}` is compared with an id" "no value for an id"
    "it takes `RecordId`, and `String`, `&str` and `Text` that are one";
    /// A value for a multi-picklist.
    ForMultiPicklist FitsMultiPicklist: MultiPicklistKind TextKind,
    "`{V}` is compared with a multi-picklist" "no value for a multi-picklist"
    "it takes `MultiPicklist`, `String`, `&str` and `Text`";
    /// What stands behind `LIKE`, `INCLUDES` and `EXCLUDES`.
    ForPattern FitsPattern: TextKind,
    "LIKE, INCLUDES and EXCLUDES take text, not `{V}`" "no text"
    "text is `String`, `&str` or `Text`";
}

/// One value of a kind that the compiler knows.
pub trait OfKind {
    /// The kind.
    type Kind;
}

/// A list of values of a kind that the compiler knows.
pub trait ListOfKind {
    /// The kind.
    type Kind;
}

macro_rules! of_kind {
    ($($kind:ident: $($type:ty),+;)+) => {$($(
        impl OfKind for $type {
            type Kind = $kind;
        }
    )+)+};
}

of_kind! {
    BooleanKind: bool;
    NumberKind: i8, i16, i32, i64, isize, u8, u16, u32, u64, usize, Decimal;
    TextKind: Text, String, str;
    DateKind: NaiveDate;
    DateTimeKind: DateTime<Utc>;
    TimeKind: NaiveTime;
    IdKind: RecordId;
    MultiPicklistKind: MultiPicklist;
}

impl<T: OfKind + ?Sized> OfKind for &T {
    type Kind = T::Kind;
}

impl<T: OfKind> OfKind for Option<T> {
    type Kind = T::Kind;
}

macro_rules! list_of_kind {
    ($([$($generic:tt)*] $type:ty;)+) => {$(
        impl<T: OfKind, $($generic)*> ListOfKind for $type {
            type Kind = T::Kind;
        }
    )+};
}

list_of_kind! {
    [] Vec<T>;
    [] [T];
    [const N: usize] [T; N];
    [S] HashSet<T, S>;
    [] BTreeSet<T>;
}

impl<T: ListOfKind + ?Sized> ListOfKind for &T {
    type Kind = T::Kind;
}

/// The type of a variable's value, and its kind.
#[derive(Debug)]
pub struct Probe<V, Kind>(PhantomData<(V, Kind)>);

impl<V> Probe<V, UnknownKind> {
    /// Looks at a value.
    pub fn of(_: &V) -> Self {
        Self(PhantomData)
    }
}

/// Finds the kind of one value. As a method it comes before [`OfUnknown`]: it needs one reference
/// less.
pub trait OfOne<V> {
    /// The kind.
    type Kind;

    /// Returns the kind.
    fn one(&self) -> Probe<V, Self::Kind> {
        Probe(PhantomData)
    }
}

/// Finds the kind of the values of a list.
pub trait OfList<V> {
    /// The kind.
    type Kind;

    /// Returns the kind.
    fn list(&self) -> Probe<V, Self::Kind> {
        Probe(PhantomData)
    }
}

/// Takes any value, where the kind is not known.
pub trait OfUnknown<V> {
    /// Returns the kind of one value.
    fn one(&self) -> Probe<V, UnknownKind> {
        Probe(PhantomData)
    }

    /// Returns the kind of the values of a list.
    fn list(&self) -> Probe<V, UnknownKind> {
        Probe(PhantomData)
    }
}

/// The three together: which of them a value needs is not known before.
pub mod by_kind {
    pub use super::{OfList, OfOne, OfUnknown};
}

impl<V: OfKind> OfOne<V> for Probe<V, UnknownKind> {
    type Kind = V::Kind;
}

impl<V: ListOfKind> OfList<V> for Probe<V, UnknownKind> {
    type Kind = V::Kind;
}

impl<V> OfUnknown<V> for &Probe<V, UnknownKind> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soql::BindValue;
    use crate::soql::types::fits;
    use crate::value::{FieldType, Value};

    /// Takes what the compiler lets through, and asks the check at run time.
    fn both<V, Shown>(value: V, _: fn(Probe<V, V::Kind>) -> Shown, field: FieldType)
    where
        V: OfKind + BindValue,
        Shown: fmt::Display,
    {
        assert!(fits(field, &value.into_bind_value()), "{field:?}");
    }

    #[test]
    fn what_compiles_is_accepted_at_run_time() {
        let (id, several) = (|| "001A".parse::<RecordId>().unwrap(), || MultiPicklist::from("a;b"));
        both(true, ForBoolean, FieldType::Boolean);
        both(5, ForNumber, FieldType::Integer);
        both(5, ForNumber, FieldType::Decimal);
        both(Decimal::ONE, ForNumber, FieldType::Integer);
        both(Some(Decimal::ONE), ForNumber, FieldType::Decimal);
        both("x", ForText, FieldType::Text);
        both(id(), ForText, FieldType::Text);
        both(&id(), ForId, FieldType::Id);
        both("001A".to_owned(), ForId, FieldType::Id);
        both(several(), ForMultiPicklist, FieldType::MultiPicklist);
        both(Text::from("a"), ForMultiPicklist, FieldType::MultiPicklist);
        both(NaiveDate::default(), ForDate, FieldType::Date);
        both(&Some(DateTime::<Utc>::default()), ForDateTime, FieldType::DateTime);
        both(None::<NaiveTime>, ForTime, FieldType::Time);
    }

    #[test]
    fn run_time_accepts_nothing_more() {
        let values = [
            Value::from(true),
            Value::from(5),
            Value::from("x"),
            Value::from(NaiveDate::default()),
            Value::from(DateTime::<Utc>::default()),
            Value::from(NaiveTime::default()),
            Value::from("001A".parse::<RecordId>().unwrap()),
            Value::from(MultiPicklist::from("a")),
        ];
        let fields = [
            FieldType::Boolean,
            FieldType::Integer,
            FieldType::Decimal,
            FieldType::Text,
            FieldType::Date,
            FieldType::DateTime,
            FieldType::Time,
            FieldType::Id,
            FieldType::MultiPicklist,
        ];
        let accepted = fields.map(|field| values.iter().filter(|value| fits(field, value)).count());
        // Text takes ids, an id and a multi-picklist take text; "x" is an id.
        assert_eq!(accepted, [1, 1, 1, 2, 1, 1, 1, 2, 2]);
    }
}
