//! Records from JSON.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::Attributes;
use super::guess::Guess;
use crate::record::names::Names;
use crate::record::{ID_SLOT, Record, RecordId, Shape};
use crate::value::{Text, Value, ValueSeed, exact_value};

/// The most bytes of a name.
const MAX_NAME: usize = 255;

/// Up to this number, empty slots cost less than a shape of the record's own.
const FEW_SLOTS: usize = 16;

/// Reads one record; public structs wrap it.
#[derive(Clone)]
pub(super) struct RecordSeed<'a> {
    pub(super) object: Option<Text>,
    pub(super) guess: Guess,
    pub(super) inexact: Option<&'a Cell<bool>>,
    pub(super) exact: bool,
}

impl<'de> DeserializeSeed<'de> for RecordSeed<'_> {
    type Value = Record;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Record, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RecordSeed<'_> {
    type Value = Record;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record as a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Record, A::Error> {
        let shape = self.guess.shape(self.object.as_ref());
        let mut slots: Arc<[Option<Value>]> = shape.names().iter().map(|_| None).collect();
        let known = Arc::get_mut(&mut slots).expect("nobody else has it yet");
        let mut more = More::default();
        let mut object = self.object.clone();
        let (mut next, mut filled) = (0, 0);
        while let Some(key) = members.next_key_seed(KeySeed { shape: &shape, next })? {
            match key {
                Key::Slot(slot) => {
                    let value = self.value(&mut members, slot == ID_SLOT)?;
                    filled += usize::from(known[slot].replace(value).is_none());
                    next = slot + 1;
                }
                Key::Attributes if self.object.is_none() => {
                    object = Some(members.next_value::<Attributes>()?.object);
                }
                Key::Attributes => drop(members.next_value::<IgnoredAny>()?),
                Key::New(name) => more.set(name, self.value(&mut members, false)?),
            }
            if filled + more.values.len() > Record::MAX_FIELDS {
                return Err(A::Error::custom(format_args!("over {} fields", Record::MAX_FIELDS)));
            }
        }
        let object = object.ok_or_else(|| A::Error::missing_field("attributes.type"))?;
        check_name(&object)?;
        Ok(Guessed { shape, slots, filled }.finish(&object, more))
    }
}

impl RecordSeed<'_> {
    fn value<'de, A: MapAccess<'de>>(&self, members: &mut A, id: bool) -> Result<Value, A::Error> {
        let value = if self.exact {
            exact_value(members.next_value::<&RawValue>()?)?
        } else {
            members.next_value_seed(ValueSeed { inexact: self.inexact })?
        };
        match &value {
            Value::Text(text) if id => {
                text.parse::<RecordId>().map(Value::Id).map_err(A::Error::custom)
            }
            other if id && !other.is_null() => Err(A::Error::custom(format_args!(
                "invalid type in the field `Id`: expected an id as text, found {}",
                other.type_name()
            ))),
            _ => Ok(value),
        }
    }
}

/// The fields that the guess has no slot for.
#[derive(Default)]
struct More {
    names: Names,
    values: Vec<Value>,
}

impl More {
    fn set(&mut self, name: Text, value: Value) {
        if let Some(place) = self.names.place(&name) {
            self.values[place] = value;
        } else {
            self.names.push(name);
            self.values.push(value);
        }
    }
}

/// Values in the slots of the guess.
struct Guessed {
    shape: Arc<Shape>,
    slots: Arc<[Option<Value>]>,
    /// How many slots have a value.
    filled: usize,
}

impl Guessed {
    /// Makes the record. It keeps the guess where it fills half of the slots, so that no record
    /// carries the names of all that came before.
    fn finish(mut self, object: &Text, more: More) -> Record {
        let slots = self.shape.names().len() + more.values.len();
        let filled = self.filled + more.values.len();
        if self.shape.object() != object || (slots > FEW_SLOTS && filled * 2 < slots) {
            return self.compact(object, more);
        }
        if more.values.is_empty() {
            return Record::from_slots(self.shape, self.slots);
        }
        let shape = self.shape.extended(more.names.as_slice().iter().map(|name| &**name));
        let known = Arc::make_mut(&mut self.slots).iter_mut().map(Option::take);
        let slots = known.chain(more.values.into_iter().map(Some)).collect();
        Record::from_slots(shape, slots)
    }

    /// Makes the record with a slot for the id and for what was read.
    fn compact(mut self, object: &Text, more: More) -> Record {
        let slots = Arc::make_mut(&mut self.slots);
        let id = slots[ID_SLOT].take();
        let known = self.shape.names().iter().zip(slots);
        let known = known.filter_map(|(name, value)| Some((name, value.take()?)));
        let more = more.names.as_slice().iter().zip(more.values);
        let (names, values): (Vec<&Text>, Vec<Value>) = known.chain(more).unzip();
        let shape = Shape::of(object).extended(names.into_iter().map(|name| &**name));
        let slots = std::iter::once(id).chain(values.into_iter().map(Some)).collect();
        Record::from_slots(shape, slots)
    }
}

enum Key {
    Slot(usize),
    Attributes,
    New(Text),
}

/// Guesses that the fields come in the order of the shape, and looks up those that do not.
struct KeySeed<'a> {
    shape: &'a Shape,
    next: usize,
}

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_> {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field name")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<Key, E> {
        if self.shape.names().get(self.next).is_some_and(|name| name == key) {
            return Ok(Key::Slot(self.next));
        }
        Ok(match self.shape.slot(key) {
            Some(slot) => Key::Slot(slot),
            None if key == "attributes" => Key::Attributes,
            None => {
                check_name(key)?;
                Key::New(key.into())
            }
        })
    }
}

/// Names of objects and fields are kept: they must be short.
fn check_name<E: serde::de::Error>(name: &str) -> Result<(), E> {
    if name.len() <= MAX_NAME {
        return Ok(());
    }
    Err(E::custom(format_args!("a name has at most {MAX_NAME} bytes, found {}", name.len())))
}

pub(super) struct ListVisitor<'a>(pub(super) RecordSeed<'a>);

impl<'de> Visitor<'de> for ListVisitor<'_> {
    type Value = Vec<Record>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Vec<Record>, A::Error> {
        let mut records: Vec<Record> = Vec::new();
        while let Some(record) = items.next_element_seed(self.0.clone())? {
            self.0.guess.learn(record.shape());
            records.push(record);
        }
        Ok(records)
    }
}
