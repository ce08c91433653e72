//! Values as JSON, with decimals that stay exact.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::{Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::{Value, digits};
use crate::record::ChildrenJson;

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Boolean(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Decimal(value) => decimal_text(value)?.serialize(serializer),
            Self::Text(value) => serializer.serialize_str(value),
            Self::Date(value) => serializer.collect_str(value),
            Self::DateTime(value) => serializer.collect_str(&value.format("%Y-%m-%dT%H:%M:%S%.fZ")),
            Self::Time(value) => serializer.collect_str(value),
            Self::Id(value) => serializer.serialize_str(value.as_str()),
            Self::MultiPicklist(value) => serializer.collect_str(value),
            Self::Json(value) => value.serialize(serializer),
            Self::Record(record) => record.serialize(serializer),
            Self::Records(records) if records.is_empty() => serializer.serialize_unit(),
            Self::Records(records) => ChildrenJson::of(records).serialize(serializer),
        }
    }
}

/// A number as its digits: a detour through a floating-point number could change them.
fn decimal_text<E: serde::ser::Error>(value: &Decimal) -> Result<Box<RawValue>, E> {
    RawValue::from_string(value.to_string()).map_err(E::custom)
}

/// Reads one value.
pub(crate) struct ValueSeed<'a> {
    /// Is told of a number with a fraction, which only its digits hold exactly; reading stops then.
    /// `None` takes what a floating-point number keeps of it.
    pub(crate) inexact: Option<&'a Cell<bool>>,
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or_else(|_| Value::Decimal(value.into()), Value::Integer))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        if let Some(inexact) = self.inexact {
            inexact.set(true);
            return Err(E::custom("a number with a fraction"));
        }
        number(&value.to_string()).ok_or_else(|| E::custom(OUT_OF_RANGE))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        self.nested(serde_json::Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = serde_json::Map::new();
        while let Some((name, value)) = members.next_entry()? {
            map.insert(name, value);
        }
        self.nested(serde_json::Value::Object(map))
    }
}

impl ValueSeed<'_> {
    fn nested<E: serde::de::Error>(self, tree: serde_json::Value) -> Result<Value, E> {
        if let Some(inexact) = self.inexact
            && has_double(&tree)
        {
            inexact.set(true);
            return Err(E::custom("a number with a fraction"));
        }
        Ok(Value::Json(Arc::new(tree)))
    }
}

/// Returns whether the tree, whose depth the parser limits, has a floating-point number.
fn has_double(tree: &serde_json::Value) -> bool {
    match tree {
        serde_json::Value::Number(number) => number.is_f64(),
        serde_json::Value::Array(list) => list.iter().any(has_double),
        serde_json::Value::Object(map) => map.values().any(has_double),
        _ => false,
    }
}

const OUT_OF_RANGE: &str = "a number has more digits than a decimal can hold (28)";

const NESTED_DIGITS: &str =
    "a number has more digits than nested JSON can hold (about 17); as text it keeps them";

/// Reads one value from its JSON text, every digit of a number kept.
pub(crate) fn exact_value<E: serde::de::Error>(raw: &RawValue) -> Result<Value, E> {
    let text = raw.get();
    if text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
        let integer = text.parse().ok().map(Value::Integer);
        return integer.or_else(|| number(text)).ok_or_else(|| E::custom(OUT_OF_RANGE));
    }
    if text.starts_with(['{', '[']) && digits::any_lost(text) {
        return Err(E::custom(NESTED_DIGITS));
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let seed = ValueSeed { inexact: None };
    seed.deserialize(&mut deserializer).map_err(E::custom)
}

/// Refuses digits that a decimal would have to drop.
fn number(text: &str) -> Option<Value> {
    let decimal = if text.contains(['e', 'E']) {
        Decimal::from_scientific(text).ok()
    } else {
        Decimal::from_str_exact(text).ok()
    };
    decimal.map(Value::Decimal)
}
