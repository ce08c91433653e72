//! Records: values in slots over a shape.

mod field_map;
mod id;
mod json;
mod known;
mod layout;
mod names;
mod related;
mod row;
mod shape;
mod size;
mod typed;

pub use field_map::FieldMap;
pub use id::RecordId;
pub(crate) use json::ChildrenJson;
pub use json::{PlainRecord, RecordJson};
pub use layout::{AnyFields, Deeper, Depth, Here, Holds, Layout, StructField, StructFields};
pub use related::Related;
pub use row::AggregateRow;
pub(crate) use shape::ID_SLOT;
pub use shape::Shape;
pub(crate) use typed::SlotCache;
pub use typed::{Field, FieldSpec, IntoRecords, RecordReader, RecordWriter, SObject};

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::value::{ConversionError, FieldValue, Text, Value, with_one_zero};

/// One record of one object: named values, of which each is absent, null or set.
///
/// Cloning shares the values until one of the clones changes. Field names match without regard to
/// case, as in Apex.
///
/// # Examples
/// ```
/// use circuit_core::{Record, Value};
///
/// let contact = Record::new("Contact").with("Email", "ada@example.com").with("Phone", Value::Null);
/// assert_eq!(contact.get("EMAIL"), Some(&Value::from("ada@example.com")));
/// assert_eq!(contact.get("Phone"), Some(&Value::Null));
/// assert_eq!(contact.get("Fax"), None);
/// ```
#[derive(Clone)]
pub struct Record {
    shape: Arc<Shape>,
    slots: Arc<[Option<Value>]>,
}

impl Record {
    /// The most fields that [`RecordJson`] and [`check_width`](Self::check_width) let pass.
    pub const MAX_FIELDS: usize = 5_000;

    /// Creates a record without fields.
    pub fn new(object: &str) -> Self {
        Self::of_shape(Shape::of(object))
    }

    /// Creates a record of the shape, every field absent.
    pub fn of_shape(shape: Arc<Shape>) -> Self {
        let slots = shape.names().iter().map(|_| None).collect();
        Self { shape, slots }
    }

    /// Creates a record from values by slot.
    pub(crate) fn from_slots(shape: Arc<Shape>, slots: Arc<[Option<Value>]>) -> Self {
        debug_assert_eq!(shape.names().len(), slots.len());
        Self { shape, slots }
    }

    /// Returns the name of the object.
    pub fn object(&self) -> &Text {
        self.shape.object()
    }

    /// Returns the shape: which field is in which slot.
    pub fn shape(&self) -> &Arc<Shape> {
        &self.shape
    }

    /// Returns the record's id, if it has one.
    pub fn id(&self) -> Option<&RecordId> {
        self.slots[ID_SLOT].as_ref().and_then(Value::as_id)
    }

    /// Returns the record with this id.
    #[must_use]
    pub fn with_id(mut self, id: RecordId) -> Self {
        self.set_slot(ID_SLOT, Value::Id(id));
        self
    }

    /// Returns a field's value: `None` where the record says nothing about the field.
    pub fn get(&self, field: impl AsRef<str>) -> Option<&Value> {
        self.get_slot(self.shape.slot(field.as_ref())?)
    }

    /// Returns the value in a slot of [`shape`](Self::shape).
    ///
    /// # Panics
    /// If the shape has no such slot.
    pub fn get_slot(&self, slot: usize) -> Option<&Value> {
        self.slots[slot].as_ref()
    }

    /// Returns a field's value as a Rust type.
    ///
    /// # Errors
    /// [`ErrorKind::Conversion`] naming object and field if the value has another type.
    pub fn read<T: FieldValue>(&self, field: impl AsRef<str>) -> Result<T> {
        let field = field.as_ref();
        T::from_value(self.get(field)).map_err(|error| self.conversion(field, error))
    }

    /// Returns the record as a struct.
    ///
    /// # Errors
    /// [`ErrorKind::Conversion`] naming object and field if a field has another type.
    pub fn to<T: SObject>(&self) -> Result<T> {
        SlotCache::default().read(self)
    }

    pub(crate) fn conversion(&self, field: &str, error: ConversionError) -> Error {
        Error::new(ErrorKind::Conversion, "a field has another type than expected")
            .with("object", self.object())
            .with("field", field)
            .with("expected", error.expected)
            .with("found", error.found)
    }

    /// Returns the record with the field set.
    #[must_use]
    pub fn with(mut self, field: impl AsRef<str>, value: impl Into<Value>) -> Self {
        self.set(field, value);
        self
    }

    /// Sets a field; a new name gets a slot.
    pub fn set(&mut self, field: impl AsRef<str>, value: impl Into<Value>) {
        let field = field.as_ref();
        let slot = self.shape.slot(field).unwrap_or_else(|| self.add_slot(field));
        self.set_slot(slot, value.into());
    }

    fn add_slot(&mut self, field: &str) -> usize {
        let shape = self.shape.extended([field]);
        let slot = self.slots.len();
        self.slots = self.slots.iter().cloned().chain([None]).collect();
        self.shape = shape;
        slot
    }

    /// Sets the value in a slot of [`shape`](Self::shape); minus zero is zero.
    ///
    /// # Panics
    /// If the shape has no such slot.
    pub fn set_slot(&mut self, slot: usize, mut value: Value) {
        if let Value::Decimal(number) = &mut value {
            *number = with_one_zero(*number);
        }
        Arc::make_mut(&mut self.slots)[slot] = Some(value);
    }

    /// Returns the values by slot.
    pub(crate) fn slots(&self) -> &[Option<Value>] {
        &self.slots
    }

    /// Returns every slot for writing; the values are copied once if another record shares them.
    pub fn slots_mut(&mut self) -> &mut [Option<Value>] {
        Arc::make_mut(&mut self.slots)
    }

    /// Makes a field absent and returns its value.
    pub fn remove(&mut self, field: impl AsRef<str>) -> Option<Value> {
        let slot = self.shape.slot(field.as_ref())?;
        self.slots[slot].is_some().then(|| self.slots_mut()[slot].take()).flatten()
    }

    /// Makes absent what a query found beside the record: parents and children are not its fields.
    pub(crate) fn drop_related(&mut self) {
        let is_related = |slot: &Option<Value>| slot.as_ref().is_some_and(Value::is_related);
        if self.slots.iter().any(is_related) {
            self.slots_mut()
                .iter_mut()
                .filter(|slot| is_related(slot))
                .for_each(|slot| *slot = None);
        }
    }

    /// Returns the fields that are not absent, in slot order.
    pub fn iter(&self) -> impl Iterator<Item = (&Text, &Value)> {
        let named = self.shape.names().iter().zip(self.slots.iter());
        named.filter_map(|(name, value)| Some((name, value.as_ref()?)))
    }

    /// Checks that the record has at most [`MAX_FIELDS`](Self::MAX_FIELDS) fields.
    ///
    /// A record itself takes any number. Where it gains fields from outside time and again, this
    /// check keeps it from growing without end.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] naming object and limit.
    pub fn check_width(&self) -> Result<()> {
        if self.slots.len() <= Self::MAX_FIELDS || self.iter().count() <= Self::MAX_FIELDS {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InvalidInput, "a record has too many fields")
            .with("object", self.object())
            .with("fields", self.iter().count())
            .with("limit", Self::MAX_FIELDS))
    }

    /// Returns this record with the fields of `patch` written over its own.
    #[must_use]
    pub fn patched(&self, patch: &Self) -> Self {
        let mut record = self.clone();
        if Arc::ptr_eq(&self.shape, &patch.shape) {
            let slots = record.slots_mut();
            for (own, new) in slots.iter_mut().zip(patch.slots.iter()) {
                if new.is_some() {
                    own.clone_from(new);
                }
            }
        } else {
            record = record.with_shape(&self.shape.extended(patch.iter().map(|(name, _)| &**name)));
            for (name, value) in patch.iter() {
                record.set(name, value.clone());
            }
        }
        record
    }

    /// Returns whether both are one record still: nobody changed either since it was cloned.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shape, &other.shape) && Arc::ptr_eq(&self.slots, &other.slots)
    }

    /// Returns the record in a shape that has at least its fields.
    #[must_use]
    pub(crate) fn with_shape(self, shape: &Arc<Shape>) -> Self {
        if Arc::ptr_eq(&self.shape, shape) {
            return self;
        }
        let value = |name: &Text| self.get(name).cloned();
        Self { slots: shape.names().iter().map(value).collect(), shape: Arc::clone(shape) }
    }
}

impl PartialEq for Record {
    /// Compares object and fields; the order of slots does not count.
    fn eq(&self, other: &Self) -> bool {
        self.object() == other.object()
            && self.iter().count() == other.iter().count()
            && self.iter().all(|(name, value)| other.get(name) == Some(value))
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.object())?;
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_keeps_its_values_when_the_original_changes() {
        let mut record = Record::new("Contact").with("Email", "a@b.c");
        let old = record.clone();
        record.set("Email", "x@y.z");
        assert_eq!(old.get("Email"), Some(&Value::from("a@b.c")));
    }

    #[test]
    fn minus_zero_is_zero() {
        let mut minus = rust_decimal::Decimal::new(0, 1);
        minus.set_sign_negative(true);
        assert_eq!(minus.to_string(), "-0.0");
        for value in [Value::Decimal(minus), Value::from(minus)] {
            let record = Record::new("Deal").with("Amount", value);
            assert_eq!(format!("{:?}", record.get("Amount").unwrap()), "Decimal(0.0)");
        }
    }

    #[test]
    fn a_patch_leaves_absent_fields_alone_and_writes_nulls() {
        let base = Record::new("Contact").with("A", 1).with("B", 2);
        let patch = Record::new("Contact").with("B", Value::Null).with("C", 3);
        let expected = Record::new("Contact").with("A", 1).with("B", Value::Null).with("C", 3);
        assert_eq!(base.patched(&patch), expected);
    }

    /// A record with this many fields, each with a name of its own.
    fn wide(prefix: &str, fields: usize) -> Record {
        let names: Vec<String> = (0..fields).map(|i| format!("{prefix}_{i}")).collect();
        let shape = Shape::of("RecordWide").extended(names.iter().map(String::as_str));
        let mut record = Record::of_shape(shape);
        record.slots_mut()[1..].fill(Some(Value::Null));
        record
    }

    #[test]
    fn patches_of_ever_new_names_are_no_panic_and_fail_the_check() {
        let mut record = wide("first", 4_900);
        assert!(record.check_width().is_ok());
        for round in 0..14 {
            record = record.patched(&wide(&format!("round{round}"), 4_900));
        }
        assert_eq!(record.iter().count(), 15 * 4_900);
        let error = record.check_width().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(error.context("limit"), Some("5000"));
    }

    #[test]
    fn absent_fields_do_not_count_for_the_check() {
        let mut record = wide("gone", Record::MAX_FIELDS + 1);
        assert!(record.check_width().is_err());
        record.remove("gone_7");
        assert!(record.check_width().is_ok());
    }

    #[test]
    fn a_removed_field_is_absent() {
        let mut record = Record::new("Contact").with("A", 1);
        assert_eq!(record.remove("a"), Some(Value::Integer(1)));
        assert_eq!(record.get("A"), None);
        assert_eq!(record.remove("A"), None);
    }

    #[test]
    fn a_typed_read_names_object_and_field() {
        let error = Record::new("Contact").with("Age", "x").read::<i64>("age").unwrap_err();
        assert_eq!(error.context("object"), Some("Contact"));
        assert_eq!(error.context("field"), Some("age"));
        assert_eq!(error.context("found"), Some("text"));
    }

    #[test]
    fn values_are_thirty_two_bytes_with_the_absent_state() {
        assert_eq!(size_of::<Option<Value>>(), 32);
    }
}
