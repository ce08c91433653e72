//! About how many bytes a record takes.

use std::mem::size_of;
use std::sync::Arc;

use super::Record;
use crate::value::{Text, Value};

/// What a reference count and the allocator add to a block.
const BLOCK: usize = 32;

/// Text of up to so many bytes is kept in its place.
const IN_PLACE: usize = 23;

impl Record {
    /// Estimates the bytes of the record; 0 for one that shares its values with another.
    pub(crate) fn size(&self) -> u64 {
        if Arc::strong_count(&self.slots) > 1 {
            return 0;
        }
        let slots = self.slots.len() * size_of::<Option<Value>>() + BLOCK;
        let values = self.slots.iter().flatten().map(Value::outside).sum::<usize>();
        (size_of::<Self>() + slots + values) as u64
    }
}

impl Value {
    /// Estimates the bytes that are not in the value itself.
    fn outside(&self) -> usize {
        match self {
            Self::Text(text) => outside(text),
            Self::Id(id) => outside_of(id.as_str()),
            Self::MultiPicklist(values) => {
                values.values().iter().map(|v| size_of::<Text>() + outside_of(v)).sum()
            }
            Self::Json(json) => BLOCK + json_size(json),
            Self::Records(records) => {
                records.iter().map(|r| usize::try_from(r.size()).unwrap_or(usize::MAX)).sum()
            }
            _ => 0,
        }
    }
}

fn outside(text: &Text) -> usize {
    outside_of(text)
}

fn outside_of(text: &str) -> usize {
    if text.len() > IN_PLACE { text.len() + BLOCK } else { 0 }
}

fn json_size(json: &serde_json::Value) -> usize {
    use serde_json::Value as Json;
    size_of::<Json>()
        + match json {
            Json::String(text) => text.len() + BLOCK,
            Json::Array(items) => items.iter().map(json_size).sum(),
            Json::Object(fields) => {
                fields.iter().map(|(name, value)| name.len() + BLOCK + json_size(value)).sum()
            }
            _ => 0,
        }
}
