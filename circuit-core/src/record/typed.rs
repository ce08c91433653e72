//! Structs as records: what `#[derive(SObject)]` implements.

use std::any::TypeId;
use std::mem::discriminant;
use std::sync::Arc;

use super::{AggregateRow, AnyFields, Depth, FieldMap, ID_SLOT, Layout, Record, RecordId, Shape};
use crate::error::{Error, Result};
use crate::value::{FieldType, Value};

/// A type that stands for the records of one object; [`Record`] itself stands for any.
///
/// Derive it; the methods are for generated code. See
/// [`#[derive(SObject)]`](derive@crate::SObject).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a record type",
    label = "not a record type",
    note = "put `#[derive(SObject)]` and `#[sobject(\"Object\")]` on the struct, or use `Record`"
)]
pub trait SObject: Sized + Send + Sync + 'static {
    /// The object's name; `None` for [`Record`], which can be of any object.
    const OBJECT: Option<&'static str>;

    /// What the type has room for, as the compiler compares it with a query.
    #[doc(hidden)]
    type Layout<D: Depth>: Layout;

    /// Returns the fields that the type names, in the order of the reader's and writer's indexes.
    fn fields() -> &'static [FieldSpec];

    /// Reads a record.
    ///
    /// # Errors
    /// [`ErrorKind::Conversion`](crate::ErrorKind::Conversion) naming object and field.
    fn read(reader: &RecordReader<'_>) -> Result<Self>;

    /// Writes the fields.
    fn write(self, writer: &mut RecordWriter<'_>);

    /// Returns the value where it is a record already, itself otherwise.
    #[doc(hidden)]
    fn into_dynamic(self) -> std::result::Result<Record, Self> {
        Err(self)
    }
}

impl SObject for Record {
    const OBJECT: Option<&'static str> = None;
    type Layout<D: Depth> = AnyFields;

    fn fields() -> &'static [FieldSpec] {
        &[]
    }

    fn read(reader: &RecordReader<'_>) -> Result<Self> {
        Ok(reader.record.clone())
    }

    fn write(self, writer: &mut RecordWriter<'_>) {
        writer.record = self;
    }

    fn into_dynamic(self) -> std::result::Result<Record, Self> {
        Ok(self)
    }
}

/// A field that a struct names.
#[derive(Debug, Clone, Copy)]
pub struct FieldSpec {
    /// The field's name.
    pub name: &'static str,
    /// The type with which it is declared.
    pub field_type: FieldType,
}

/// The name of a field of an object, as `#[derive(SObject)]` makes a constant for each.
///
/// # Examples
/// ```
/// use circuit_core::{Field, Record, Value};
///
/// const EMAIL: Field = Field::new("Contact", "Email");
/// let contact = Record::new("Contact").with(EMAIL, "a@b.c");
/// assert_eq!(contact.get(EMAIL), Some(&Value::from("a@b.c")));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    object: &'static str,
    name: &'static str,
}

impl Field {
    /// Names a field of an object.
    pub const fn new(object: &'static str, name: &'static str) -> Self {
        Self { object, name }
    }

    /// Returns the object's name.
    pub fn object(self) -> &'static str {
        self.object
    }

    /// Returns the field's name.
    pub fn name(self) -> &'static str {
        self.name
    }
}

impl AsRef<str> for Field {
    fn as_ref(&self) -> &str {
        self.name
    }
}

/// Where the fields of a type are in one shape.
#[derive(Debug)]
struct SlotMap {
    shape: Arc<Shape>,
    slots: Vec<Option<usize>>,
}

/// Resolves a type's fields once for each run of records with one shape.
#[derive(Debug, Default)]
pub(crate) struct SlotCache {
    map: Option<SlotMap>,
    /// The changes of one record; kept for the next one.
    changes: Vec<(usize, Value)>,
}

impl SlotCache {
    /// Returns where the fields are in the shape; free if it is the shape of the last call.
    fn resolve(&mut self, fields: &[FieldSpec], shape: &Arc<Shape>) -> &SlotMap {
        let known = self.map.take().filter(|map| Arc::ptr_eq(&map.shape, shape));
        self.map.insert(known.unwrap_or_else(|| SlotMap {
            shape: Arc::clone(shape),
            slots: fields.iter().map(|field| shape.slot(field.name)).collect(),
        }))
    }

    /// Reads a record as `T`.
    pub(crate) fn read<T: SObject>(&mut self, record: &Record) -> Result<T> {
        T::read(&self.reader(T::fields(), record))
    }

    /// Reads a row of groups as `T`.
    pub(crate) fn read_row<T: AggregateRow>(&mut self, record: &Record) -> Result<T> {
        T::read(&self.reader(T::fields(), record))
    }

    fn reader<'a>(
        &'a mut self,
        fields: &'static [FieldSpec],
        record: &'a Record,
    ) -> RecordReader<'a> {
        let map = self.resolve(fields, record.shape());
        RecordReader { record, fields, slots: &map.slots }
    }

    /// Writes `value` over `base`, whose shape gains the fields of `T` that it lacks.
    fn write<T: SObject>(&mut self, value: T, base: Record) -> Record {
        let known =
            |map: &SlotMap| Arc::ptr_eq(&map.shape, base.shape()) && !map.slots.contains(&None);
        let base = if self.map.as_ref().is_some_and(known) {
            base
        } else {
            let names = T::fields().iter().map(|field| field.name);
            let shape = base.shape().extended(names);
            self.resolve(T::fields(), &shape);
            base.with_shape(&shape)
        };
        let slots = self.map.as_ref().map_or(&[][..], |map| &map.slots);
        let mut changes = std::mem::take(&mut self.changes);
        let mut writer =
            RecordWriter { record: base, fields: T::fields(), slots, changes: &mut changes };
        value.write(&mut writer);
        let mut record = writer.record;
        if !changes.is_empty() {
            let slots = record.slots_mut();
            for (slot, value) in changes.drain(..) {
                slots[slot] = Some(value);
            }
        }
        self.changes = changes;
        record
    }

    /// Writes `value` over the record that it was read from; a [`Record`] takes its place.
    pub(crate) fn write_back<T: SObject>(&mut self, value: T, base: Option<Record>) -> Record {
        value.into_dynamic().unwrap_or_else(|typed| {
            let base = base.unwrap_or_else(|| Record::new(T::OBJECT.unwrap_or_default()));
            self.write(typed, base)
        })
    }
}

/// Converts a value of the host into a record.
pub(crate) fn to_record<T: SObject>(value: T, cache: &mut SlotCache) -> Record {
    cache.write_back(value, None)
}

/// Reads the fields of a type from a record; for generated code.
#[derive(Debug)]
pub struct RecordReader<'a> {
    record: &'a Record,
    fields: &'static [FieldSpec],
    slots: &'a [Option<usize>],
}

impl RecordReader<'_> {
    pub(super) fn record(&self) -> &Record {
        self.record
    }

    /// Reads the field with this index in [`SObject::fields`].
    ///
    /// # Errors
    /// [`ErrorKind::Conversion`](crate::ErrorKind::Conversion) naming object and field.
    #[inline]
    pub fn get<F>(
        &self,
        index: usize,
        from_value: fn(Option<&Value>) -> std::result::Result<F, crate::ConversionError>,
    ) -> Result<F> {
        let value = self.slots[index].and_then(|slot| self.record.get_slot(slot));
        from_value(value).map_err(|error| self.conversion(index, error))
    }

    #[cold]
    fn conversion(&self, index: usize, error: crate::ConversionError) -> Error {
        self.record.conversion(self.fields[index].name, error)
    }

    /// Reads the parent or children with this index in [`SObject::fields`].
    ///
    /// # Errors
    /// [`ErrorKind::Conversion`](crate::ErrorKind::Conversion) naming object and field.
    pub fn related<R>(
        &self,
        index: usize,
        from_value: fn(Option<&Value>) -> Result<Option<R>>,
    ) -> Result<R> {
        let value = self.slots[index].and_then(|slot| self.record.get_slot(slot));
        from_value(value)?.ok_or_else(|| {
            let found = value.map_or("nothing", Value::type_name);
            let expected = "a parent or children, as a query finds them";
            self.conversion(index, crate::ConversionError { expected, found })
        })
    }

    /// Returns the fields that the type does not name.
    pub fn rest(&self) -> FieldMap {
        FieldMap::of(self.record, self.fields)
    }
}

/// Writes the fields of a type into a record; for generated code.
#[derive(Debug)]
pub struct RecordWriter<'a> {
    record: Record,
    fields: &'static [FieldSpec],
    slots: &'a [Option<usize>],
    /// Applied together at the end: each change alone would ask who else has the values.
    changes: &'a mut Vec<(usize, Value)>,
}

impl RecordWriter<'_> {
    /// Writes the field with this index in [`SObject::fields`].
    ///
    /// An absent value leaves an absent or null field as it is, and makes any other null. A field
    /// that reads as the same value keeps the type with which it is stored.
    #[inline]
    pub fn set(&mut self, index: usize, value: Option<Value>) {
        let Some(slot) = self.slots[index] else {
            return;
        };
        let new = match value {
            Some(Value::Text(text)) if slot == ID_SLOT => id_value(&text),
            Some(value) => value,
            None => match self.record.get_slot(slot) {
                None | Some(Value::Null) => return,
                Some(_) => Value::Null,
            },
        };
        let old = self.record.get_slot(slot);
        let kept = |old| old == &new || self.reads_as(index, old, &new);
        if !old.is_some_and(kept) {
            self.changes.push((slot, new));
        }
    }

    /// Returns whether the struct reads the stored value, of another type, as the one it writes.
    fn reads_as(&self, index: usize, stored: &Value, written: &Value) -> bool {
        discriminant(stored) != discriminant(written)
            && self.fields[index].field_type.coerce(stored).is_ok_and(|read| read == *written)
    }

    /// Writes the fields that the type does not name.
    ///
    /// A field that the map lacks becomes absent, or null in a record with an id: the image of a
    /// stored record keeps the names of its fields.
    pub fn rest(&mut self, rest: FieldMap) {
        let rest = rest.into_record();
        if rest.as_ref().is_some_and(|rest| rest.is_same(&self.record)) {
            return;
        }
        self.remove_but(rest.as_ref());
        for (name, value) in rest.iter().flat_map(Record::iter) {
            if !self.names(name) && self.record.get(name) != Some(value) {
                self.record.set(name, value.clone());
            }
        }
    }

    /// Removes the fields that neither the type nor the map has.
    fn remove_but(&mut self, rest: Option<&Record>) {
        let gone = self.record.id().map(|_| Value::Null);
        let shape = Arc::clone(self.record.shape());
        for (slot, name) in shape.names().iter().enumerate() {
            let removed = slot != ID_SLOT
                && self.record.get_slot(slot).is_some()
                && rest.is_none_or(|rest| rest.get(name).is_none())
                && !self.names(name);
            if removed && self.record.get_slot(slot) != gone.as_ref() {
                self.record.slots_mut()[slot].clone_from(&gone);
            }
        }
    }

    /// Returns whether the type names the field.
    fn names(&self, field: &str) -> bool {
        self.fields.iter().any(|spec| spec.name.eq_ignore_ascii_case(field))
    }
}

/// A struct may keep its id as text; one that is no id is refused where records are checked.
fn id_value(text: &str) -> Value {
    text.parse::<RecordId>().map_or_else(|_| Value::from(text), Value::Id)
}

/// What DML takes: one record or many, typed or not.
pub trait IntoRecords: Send {
    /// The type of the records.
    type Item: SObject;

    /// Returns the records in order.
    fn into_records(self) -> Vec<Record>;
}

impl<T: SObject> IntoRecords for T {
    type Item = T;

    fn into_records(self) -> Vec<Record> {
        vec![to_record(self, &mut SlotCache::default())]
    }
}

impl<T: SObject> IntoRecords for Vec<T> {
    type Item = T;

    fn into_records(self) -> Vec<Record> {
        if TypeId::of::<T>() == TypeId::of::<Record>() {
            let any: Box<dyn std::any::Any> = Box::new(self);
            return *any.downcast().expect("the type was just compared");
        }
        let mut cache = SlotCache::default();
        self.into_iter().map(|value| to_record(value, &mut cache)).collect()
    }
}

impl<T: SObject, const N: usize> IntoRecords for [T; N] {
    type Item = T;

    fn into_records(self) -> Vec<Record> {
        Vec::from(self).into_records()
    }
}

impl<T: SObject + Clone> IntoRecords for &[T] {
    type Item = T;

    fn into_records(self) -> Vec<Record> {
        self.to_vec().into_records()
    }
}
