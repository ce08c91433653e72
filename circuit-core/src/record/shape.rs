//! Shapes: which field is in which slot.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use crate::value::Text;

/// The slot of a record's own id, in every shape.
pub(crate) const ID_SLOT: usize = 0;

/// No slot: ends a probe in the index.
const EMPTY: u16 = u16::MAX;

/// Shapes are remembered up to this number, so that hostile field names cannot fill the memory.
const MAX_REMEMBERED: usize = 16_384;

/// An object's name and the names of the fields that its records have slots for.
///
/// Shapes are shared: records that gain the same fields in the same order have the same shape, so
/// a slot found once serves for every record of it. Slot 0 is the id.
pub struct Shape {
    object: Text,
    names: Vec<Text>,
    /// Open addressing by the hash of the lower-cased name.
    index: Vec<u16>,
    extended: RwLock<Vec<Arc<Self>>>,
}

impl Shape {
    /// Returns the shape of an object that has only an id.
    pub fn of(object: &str) -> Arc<Self> {
        static ROOTS: LazyLock<RwLock<Vec<Arc<Shape>>>> = LazyLock::new(RwLock::default);
        find_or_add(
            &ROOTS,
            |shape| shape.object == *object,
            || Self::new(object.into(), vec![Text::from_static("Id")]),
        )
    }

    /// Returns this shape with the fields added that it lacks, in their order.
    pub(crate) fn extended<'a>(
        self: &Arc<Self>,
        fields: impl IntoIterator<Item = &'a str>,
    ) -> Arc<Self> {
        let mut names: Vec<Text> = Vec::new();
        for field in fields {
            let known = |name: &Text| name.eq_ignore_ascii_case(field);
            if self.slot(field).is_none() && !names.iter().any(known) {
                names.push(field.into());
            }
        }
        if names.is_empty() {
            return Arc::clone(self);
        }
        let known = self.names.len();
        assert!(known + names.len() < usize::from(EMPTY), "a record has at most 65,534 fields");
        // Every shape in the list starts with this one's fields.
        find_or_add(
            &self.extended,
            |shape| shape.names[known..] == names[..],
            || {
                let all = self.names.iter().chain(&names).cloned().collect();
                Self::new(self.object.clone(), all)
            },
        )
    }

    fn new(object: Text, names: Vec<Text>) -> Self {
        let mut index = vec![EMPTY; (names.len() * 2).next_power_of_two().max(4)];
        for (slot, name) in names.iter().enumerate() {
            let mut at = hash(name) & (index.len() - 1);
            while index[at] != EMPTY {
                at = (at + 1) & (index.len() - 1);
            }
            index[at] = u16::try_from(slot).expect("fields are counted before");
        }
        Self { object, names, index, extended: RwLock::default() }
    }

    /// Returns the name of the object.
    pub fn object(&self) -> &Text {
        &self.object
    }

    /// Returns the names of the fields, by slot.
    pub fn names(&self) -> &[Text] {
        &self.names
    }

    /// Returns the slot of a field, without regard to case.
    pub fn slot(&self, field: &str) -> Option<usize> {
        let mut at = hash(field) & (self.index.len() - 1);
        loop {
            match self.index[at] {
                EMPTY => return None,
                slot if self.names[usize::from(slot)].eq_ignore_ascii_case(field) => {
                    return Some(slot.into());
                }
                _ => at = (at + 1) & (self.index.len() - 1),
            }
        }
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shape")
            .field("object", &self.object)
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

/// Eight bytes at a time, each letter's case bit set: names that differ in case hash alike.
fn hash(name: &str) -> usize {
    const CASE: u64 = 0x2020_2020_2020_2020;
    let mut state = name.len() as u64;
    for chunk in name.as_bytes().chunks(8) {
        let mut word = [0_u8; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        state = (state.rotate_left(5) ^ (u64::from_le_bytes(word) | CASE))
            .wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    usize::try_from(state >> 32).unwrap_or_default()
}

/// Looks under the read lock first; a second writer finds what the first one added.
fn find_or_add(
    shapes: &RwLock<Vec<Arc<Shape>>>,
    wanted: impl Fn(&Shape) -> bool,
    create: impl FnOnce() -> Shape,
) -> Arc<Shape> {
    static REMEMBERED: AtomicUsize = AtomicUsize::new(0);
    let find = |list: &[Arc<Shape>]| list.iter().find(|shape| wanted(shape)).cloned();
    let known = find(&shapes.read().unwrap_or_else(PoisonError::into_inner));
    if let Some(shape) = known {
        return shape;
    }
    let mut list = shapes.write().unwrap_or_else(PoisonError::into_inner);
    if let Some(shape) = find(&list) {
        return shape;
    }
    let shape = Arc::new(create());
    if REMEMBERED.load(Ordering::Relaxed) < MAX_REMEMBERED {
        REMEMBERED.fetch_add(1, Ordering::Relaxed);
        list.push(Arc::clone(&shape));
    }
    shape
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
}
