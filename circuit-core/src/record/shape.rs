//! Shapes: which field is in which slot.

use std::fmt;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use foldhash::fast::RandomState;

use super::known::Known;
use super::names::Names;
use crate::value::Text;

/// The slot of a record's own id, in every shape.
pub(crate) const ID_SLOT: usize = 0;

/// The most bytes of shapes in each of the two ages that are remembered.
const REMEMBERED_BYTES: usize = 8 << 20;

/// Stands where others have the number of the shape that they extend.
const NO_PARENT: u64 = 0;

/// An object's name and the names of the fields that its records have slots for.
///
/// Shapes are shared: records that gain the same fields in the same order have the same shape, so
/// a slot found once serves for every record of it. Slot 0 is the id. A shape of over 500 fields is
/// its record's own, and so is one that was forgotten because too many others came.
pub struct Shape {
    object: Text,
    names: Names,
    /// Which shape this is; never used again.
    number: u64,
    /// The number of the shape that this one extends.
    parent: u64,
}

impl Shape {
    /// Returns the shape of an object that has only an id.
    pub fn of(object: &str) -> Arc<Self> {
        remembered(
            NO_PARENT,
            object,
            |shape| shape.parent == NO_PARENT && shape.object == *object,
            || {
                let mut names = Names::default();
                names.push(Text::from_static("Id"));
                Self::new(object.into(), names, NO_PARENT)
            },
        )
    }

    /// Returns this shape with the fields added that it lacks, in their order.
    pub(crate) fn extended<'a>(
        self: &Arc<Self>,
        fields: impl IntoIterator<Item = &'a str>,
    ) -> Arc<Self> {
        let mut more = Names::default();
        for field in fields {
            if self.slot(field).is_none() && more.place(field).is_none() {
                more.push(field.into());
            }
        }
        if more.len() == 0 {
            return Arc::clone(self);
        }
        let more = more.as_slice();
        let known = self.names.len();
        remembered(
            self.number,
            more,
            |shape| shape.parent == self.number && shape.names()[known..] == *more,
            || self.with_names(more.iter().cloned()),
        )
    }

    /// Creates the shape with further names, which this one lacks.
    pub(super) fn with_names(&self, more: impl IntoIterator<Item = Text>) -> Self {
        let mut names = self.names.clone();
        more.into_iter().for_each(|name| names.push(name));
        Self::new(self.object.clone(), names, self.number)
    }

    fn new(object: Text, names: Names, parent: u64) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(NO_PARENT + 1);
        Self { object, names, number: NUMBER.fetch_add(1, Ordering::Relaxed), parent }
    }

    /// Returns the number that no other shape has.
    #[inline]
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Returns the name of the object.
    pub fn object(&self) -> &Text {
        &self.object
    }

    /// Returns the names of the fields, by slot.
    #[inline]
    pub fn names(&self) -> &[Text] {
        self.names.as_slice()
    }

    /// Returns the slot of a field, without regard to case.
    #[inline]
    pub fn slot(&self, field: &str) -> Option<usize> {
        self.names.place(field)
    }

    /// Returns about how many bytes the shape takes.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.object.len() + self.names.bytes()
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shape")
            .field("object", &self.object)
            .field("names", &self.names())
            .finish_non_exhaustive()
    }
}

/// Finds the shape that extends `parent` by `names`, or makes it.
fn remembered<T: std::hash::Hash + ?Sized>(
    parent: u64,
    names: &T,
    wanted: impl Fn(&Shape) -> bool,
    create: impl FnOnce() -> Shape,
) -> Arc<Shape> {
    static KNOWN: LazyLock<Known> = LazyLock::new(|| Known::new(REMEMBERED_BYTES));
    static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::default);
    KNOWN.find_or_add(SEED.hash_one((parent, names)), wanted, create)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_found_without_regard_to_case() {
        let shape = Shape::of("ShapeCase").extended(["Email", "vlpr_score__c"]);
        assert_eq!(shape.slot("EMAIL"), Some(1));
        assert_eq!(shape.slot("VLPR_Score__c"), Some(2));
        assert_eq!(shape.slot("id"), Some(ID_SLOT));
        assert_eq!(shape.slot("Emai"), None);
    }

    #[test]
    fn the_same_fields_in_the_same_order_are_one_shape() {
        let one = Shape::of("ShapeSame").extended(["A", "B"]);
        let two = Shape::of("ShapeSame").extended(["A", "B"]);
        assert!(Arc::ptr_eq(&one, &two));
    }

    #[test]
    fn a_field_that_is_there_adds_no_slot() {
        let shape = Shape::of("ShapeThere").extended(["A"]);
        assert!(Arc::ptr_eq(&shape, &shape.extended(["a"])));
    }

    #[test]
    fn many_fields_keep_their_slots() {
        let names: Vec<String> = (0..2_000).map(|i| format!("Field{i}__c")).collect();
        let shape = Shape::of("ShapeMany").extended(names.iter().map(String::as_str));
        for (i, name) in names.iter().enumerate() {
            assert_eq!(shape.slot(&name.to_uppercase()), Some(i + 1));
        }
    }

    #[test]
    fn more_fields_than_two_bytes_count_are_no_panic() {
        let names: Vec<String> = (0..70_000).map(|i| format!("f{i}")).collect();
        let shape = Shape::of("ShapeVast").extended(names.iter().map(String::as_str));
        assert_eq!(shape.slot("F69999"), Some(70_000));
        assert_eq!(shape.extended(["one_more"]).slot("ONE_MORE"), Some(70_001));
    }
}
