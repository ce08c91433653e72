//! Records as JSON: in Salesforce's shape (`attributes.type`) and in plain form.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::{ID_SLOT, Record, RecordId, Shape};
use crate::error::{Error, ErrorKind, Result};
use crate::value::{Text, Value, ValueSeed, exact_value};

/// The most fields that a record may have in JSON; the shape of hostile input must not grow.
const MAX_FIELDS: usize = 5_000;

/// Reads records from JSON text, every digit of a number kept.
///
/// One reader for many records is faster than a reader each: it remembers the shape of the last.
///
/// # Examples
/// ```
/// use circuit_core::{RecordJson, Value};
///
/// let lead = RecordJson::plain("Lead").read(r#"{"id": "00Q1", "budget": 12.30}"#)?;
/// assert_eq!(lead.get("budget").unwrap().type_name(), "decimal");
///
/// let contact = RecordJson::salesforce().read(r#"{"attributes": {"type": "Contact"}, "Email": null}"#)?;
/// assert_eq!(contact.object(), &"Contact");
/// assert_eq!(contact.get("Email"), Some(&Value::Null));
/// # Ok::<(), circuit_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct RecordJson {
    object: Option<Text>,
    shape: Option<Arc<Shape>>,
    /// Whether there was a number with a fraction before; the next text is read digit by digit then.
    exact: bool,
}

impl RecordJson {
    /// Reads objects whose members are the fields.
    pub fn plain(object: impl Into<Text>) -> Self {
        Self { object: Some(object.into()), shape: None, exact: false }
    }

    /// Reads objects that name their type in `attributes.type`.
    pub fn salesforce() -> Self {
        Self { object: None, shape: None, exact: false }
    }

    /// Reads one record.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] telling line, column and field.
    pub fn read(&mut self, text: &str) -> Result<Record> {
        let record = self.parse(text, |seed, input| seed.deserialize(input))?;
        self.shape = Some(Arc::clone(record.shape()));
        Ok(record)
    }

    /// Reads an array of records.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] telling line, column and field.
    pub fn read_list(&mut self, text: &str) -> Result<Vec<Record>> {
        let records = self.parse(text, |seed, input| input.deserialize_seq(ListVisitor(seed)))?;
        self.shape = records.last().map(|record| Arc::clone(record.shape()));
        Ok(records)
    }

    /// Reads fast, and from the start digit by digit once there is a number with a fraction.
    fn parse<T>(
        &mut self,
        text: &str,
        read: impl Fn(
            RecordSeed<'_>,
            &mut serde_json::Deserializer<serde_json::de::StrRead<'_>>,
        ) -> serde_json::Result<T>,
    ) -> Result<T> {
        let inexact = Cell::new(false);
        let run = |exact| {
            let mut input = serde_json::Deserializer::from_str(text);
            let seed = RecordSeed {
                object: self.object.clone(),
                shape: self.shape.clone(),
                inexact: Some(&inexact),
                exact,
            };
            read(seed, &mut input).and_then(|value| input.end().map(|()| value))
        };
        let first = run(self.exact);
        let result = if inexact.get() { run(true) } else { first };
        self.exact |= inexact.get();
        result.map_err(|error| {
            Error::new(ErrorKind::InvalidInput, "the JSON is not a record")
                .with("object", self.object.as_deref().unwrap_or("?"))
                .with("line", error.line())
                .with("column", error.column())
                .with_source(error)
        })
    }
}

/// Reads one record; public structs wrap it.
#[derive(Clone)]
struct RecordSeed<'a> {
    object: Option<Text>,
    shape: Option<Arc<Shape>>,
    inexact: Option<&'a Cell<bool>>,
    exact: bool,
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
        let shape = self.shape.clone();
        let shape = shape.unwrap_or_else(|| Shape::of(self.object.as_deref().unwrap_or_default()));
        let mut slots: Arc<[Option<Value>]> = shape.names().iter().map(|_| None).collect();
        let known = Arc::get_mut(&mut slots).expect("nobody else has it yet");
        let mut more: Vec<(Text, Value)> = Vec::new();
        let mut object = self.object.clone();
        let mut next = 0;
        while let Some(key) = members.next_key_seed(KeySeed { shape: &shape, next })? {
            match key {
                Key::Slot(slot) => {
                    known[slot] = Some(self.value(&mut members, slot == ID_SLOT)?);
                    next = slot + 1;
                }
                Key::Attributes if self.object.is_none() => {
                    object = Some(members.next_value::<Attributes>()?.object);
                }
                Key::Attributes => drop(members.next_value::<IgnoredAny>()?),
                Key::New(name) => {
                    let value = self.value(&mut members, false)?;
                    more.retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
                    more.push((name, value));
                }
            }
            if more.len() > MAX_FIELDS {
                return Err(A::Error::custom(format_args!("over {MAX_FIELDS} fields")));
            }
        }
        let object = object.ok_or_else(|| A::Error::missing_field("attributes.type"))?;
        Ok(finish(Record::from_slots(shape, slots), &object, more))
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

/// Gives the record its object and the fields that its shape did not have.
fn finish(record: Record, object: &Text, more: Vec<(Text, Value)>) -> Record {
    let mut record = if record.object() == object {
        record
    } else {
        let names = record.shape().names().iter().map(|name| &**name);
        let shape = Shape::of(object).extended(names);
        record.with_shape(&shape)
    };
    if !more.is_empty() {
        let shape = record.shape().extended(more.iter().map(|(name, _)| &**name));
        record = record.with_shape(&shape);
        for (name, value) in more {
            record.set(&name, value);
        }
    }
    record
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

    fn visit_str<E>(self, key: &str) -> Result<Key, E> {
        if self.shape.names().get(self.next).is_some_and(|name| name == key) {
            return Ok(Key::Slot(self.next));
        }
        Ok(match self.shape.slot(key) {
            Some(slot) => Key::Slot(slot),
            None if key == "attributes" => Key::Attributes,
            None => Key::New(key.into()),
        })
    }
}

struct ListVisitor<'a>(RecordSeed<'a>);

impl<'de> Visitor<'de> for ListVisitor<'_> {
    type Value = Vec<Record>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Vec<Record>, A::Error> {
        let mut records: Vec<Record> = Vec::new();
        while let Some(record) = items.next_element_seed(self.0.clone())? {
            self.0.shape = Some(Arc::clone(record.shape()));
            records.push(record);
        }
        Ok(records)
    }
}

#[derive(Serialize, Deserialize)]
struct Attributes {
    #[serde(rename = "type")]
    object: Text,
}

impl<'de> Deserialize<'de> for Record {
    /// Reads Salesforce's shape. A number with a fraction keeps at most 17 digits on this way;
    /// [`RecordJson`] keeps them all.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seed = RecordSeed { object: None, shape: None, inexact: None, exact: false };
        seed.deserialize(deserializer)
    }
}

impl Serialize for Record {
    /// Writes Salesforce's shape; [`Record::plain`] writes the fields alone.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("attributes", &Attributes { object: self.object().clone() })?;
        for (name, value) in self.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// A record that serialises to its fields alone; made by [`Record::plain`].
#[derive(Debug)]
pub struct PlainRecord<'a>(&'a Record);

impl Record {
    /// Returns a view that serialises to the fields alone, without `attributes`.
    ///
    /// # Examples
    /// ```
    /// use circuit_core::Record;
    ///
    /// let contact = Record::new("Contact").with("Email", "a@b.c");
    /// let json = serde_json::to_string(&contact.plain()).unwrap();
    /// assert_eq!(json, r#"{"Email":"a@b.c"}"#);
    /// ```
    pub fn plain(&self) -> PlainRecord<'_> {
        PlainRecord(self)
    }
}

impl Serialize for PlainRecord<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Result<Record> {
        RecordJson::plain("Lead").read(text)
    }

    #[test]
    fn every_digit_of_a_number_is_kept() {
        let text = r#"{"a":12345678901234567890.12345678,"b":1.10,"c":-0.5}"#;
        let record = plain(text).unwrap();
        assert_eq!(serde_json::to_string(&record.plain()).unwrap(), text);
    }

    #[test]
    fn a_number_that_no_decimal_holds_is_refused() {
        for text in [r#"{"a":1e400}"#, r#"{"a":0.12345678901234567890123456789012345}"#] {
            assert_eq!(plain(text).unwrap_err().kind(), ErrorKind::InvalidInput, "{text}");
        }
    }

    #[test]
    fn salesforce_shape_reads_back_wherever_attributes_stand() {
        let record = Record::new("Contact").with("Email", "a@b.c").with("Phone", Value::Null);
        let text = serde_json::to_string(&record).unwrap();
        assert_eq!(RecordJson::salesforce().read(&text).unwrap(), record);
        let turned = r#"{"Email":"a@b.c","Phone":null,"attributes":{"type":"Contact"}}"#;
        assert_eq!(RecordJson::salesforce().read(turned).unwrap(), record);
        assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), record);
    }

    #[test]
    fn a_record_without_its_type_is_refused() {
        let error = RecordJson::salesforce().read(r#"{"Email":"x"}"#).unwrap_err();
        assert!(format!("{error:?}").contains("attributes.type"), "{error:?}");
    }

    #[test]
    fn a_list_of_like_records_shares_one_shape() {
        let text = r#"[{"id":"1","a":1},{"a":2,"id":"2"},{"b":3}]"#;
        let records = RecordJson::plain("Lead").read_list(text).unwrap();
        assert!(Arc::ptr_eq(records[0].shape(), records[1].shape()));
        assert_eq!(records[2].get("a"), None);
        assert_eq!(records[2].get("b"), Some(&Value::Integer(3)));
    }

    #[test]
    fn an_id_of_the_wrong_type_is_named() {
        let error = plain(r#"{"id": 5}"#).unwrap_err();
        assert!(format!("{error:?}").contains("found integer"), "{error:?}");
    }
}
