//! Takes out of an entry what must not be shown, and cuts what is too long.

use serde_json::{Map, Number, Value};

use super::builder::Draft;
use super::redaction::{REDACTED, Redaction};
use super::{Sensitive, Setup};
use crate::value::Text;

/// How far behind a cut a secret is still recognised.
pub(crate) const SLACK: usize = 1_024;

/// What stands in the place of values that are left out.
const CUT: &str = "[cut]";

/// The longest name of a value.
const NAME: usize = 256;

/// Values in values are followed so far.
const DEPTH: usize = 64;

impl Setup {
    /// Redacts and cuts what an entry is made of; returns about how many bytes that holds.
    pub(super) fn tidy(&self, draft: &mut Draft) -> usize {
        if let Some(message) = clean(&self.redaction, &draft.message, self.caps.message) {
            draft.message = message.into();
        }
        let left_out = draft.data.len().saturating_sub(self.caps.values);
        draft.data.truncate(self.caps.values);
        let mut size = draft.message.len() + draft.target.len();
        for (name, value) in &mut draft.data {
            let mut walk = Walk { redaction: &self.redaction, left: self.caps.value };
            if self.redaction.covers(name) {
                *value = REDACTED.into();
            } else {
                walk.value(value, DEPTH);
            }
            if let Some(clean) = clean(&self.redaction, name, NAME) {
                *name = clean.into();
            }
            size += size_of::<(Text, Value)>() + name.len() + (self.caps.value - walk.left);
        }
        if left_out > 0 {
            draft.data.push((Text::from_static(CUT), left_out.into()));
        }
        size
    }
}

impl Setup {
    /// Returns a text that is no entry as it may be shown, unless it may be as it is.
    pub(crate) fn redacted(&self, text: &str) -> Option<String> {
        clean(&self.redaction, text, usize::MAX - SLACK)
    }

    /// Redacts a text by its name, and cuts it at so many bytes.
    ///
    /// Of the text it needs what is shown and [`SLACK`] bytes.
    pub(crate) fn redact(&self, name: &str, text: &mut String, most: usize) {
        if self.redaction.covers(name) {
            REDACTED.clone_into(text);
        } else if let Some(clean) = shown(&self.redaction, text, most) {
            *text = clean;
        }
    }
}

/// Returns the text as it may be shown and tells what was cut, unless it may be as it is.
fn clean(redaction: &Redaction, text: &str, most: usize) -> Option<String> {
    let mut clean = shown(redaction, text, most)?;
    if most < text.len() {
        clean += &mark(text.len());
    }
    Some(clean)
}

/// Returns what may be shown of the first bytes of a text, unless it may be as it is.
fn shown(redaction: &Redaction, text: &str, most: usize) -> Option<String> {
    let seen = &text[..text.floor_char_boundary(most.saturating_add(SLACK))];
    let found = redaction.find(seen);
    if found.is_empty() && text.len() <= most {
        return None;
    }
    let end = text.floor_char_boundary(most);
    let mut clean = String::with_capacity(end + CUT.len());
    let mut at = 0;
    for range in found.into_iter().take_while(|range| range.start < end) {
        if range.start >= at {
            clean.push_str(&text[at..range.start]);
            clean.push_str(REDACTED);
        }
        at = at.max(range.end);
    }
    clean.push_str(text.get(at..end).unwrap_or_default());
    Some(clean)
}

#[cold]
fn mark(bytes: usize) -> String {
    format!("... [cut: {bytes} bytes]")
}

/// On its way through a value.
struct Walk<'a> {
    redaction: &'a Redaction,
    /// How many bytes the value may still have.
    left: usize,
}

impl Walk<'_> {
    fn spend(&mut self, bytes: usize) {
        self.left = self.left.saturating_sub(bytes);
    }

    fn value(&mut self, value: &mut Value, depth: usize) {
        match value {
            _ if depth == 0 => *value = CUT.into(),
            Value::Null | Value::Bool(_) => self.spend(4),
            Value::Number(number) => {
                self.spend(8);
                if self.is_card(number) {
                    *value = REDACTED.into();
                }
            }
            Value::String(text) => {
                if let Some(clean) = clean(self.redaction, text, self.left) {
                    *text = clean;
                }
                self.spend(text.len());
            }
            Value::Array(values) => self.array(values, depth),
            Value::Object(map) => self.object(map, depth),
        }
    }

    /// Whether it is a card number, also where JavaScript made a float of it.
    fn is_card(&self, number: &Number) -> bool {
        let float = number.as_f64().unwrap_or_default();
        if !(1e12..1e19).contains(&float) || !self.redaction.has(Sensitive::CardNumbers) {
            return false;
        }
        let digits = number.as_u64().map(|whole| whole.to_string());
        let digits = digits.or_else(|| (float.fract() == 0.0).then(|| format!("{float:.0}")));
        digits.is_some_and(|digits| !self.redaction.find(&digits).is_empty())
    }

    fn array(&mut self, values: &mut Vec<Value>, depth: usize) {
        // A tuple of name and value is written as a list; other things may be in it.
        let mut is_named = false;
        for at in 0..values.len() {
            if self.left == 0 {
                values.truncate(at);
                values.push(CUT.into());
                values.shrink_to_fit();
                return;
            }
            self.spend(1);
            let value = &mut values[at];
            let is_name = value.as_str().is_some_and(|text| self.redaction.covers(text));
            if is_named {
                *value = REDACTED.into();
            }
            self.value(value, depth - 1);
            is_named = is_name;
        }
    }

    fn object(&mut self, map: &mut Map<String, Value>, depth: usize) {
        let before = map.len();
        let mut renamed = Vec::new();
        // Headers and fields are also written as a name beside a value.
        let mut names =
            ["name", "Name", "key", "Key"].into_iter().filter_map(|key| map.get(key)?.as_str());
        let is_named = names.any(|name| self.redaction.covers(name));
        map.retain(|key, value| {
            if self.left == 0 {
                return false;
            }
            self.spend(key.len() + 1);
            let is_value = is_named && key.eq_ignore_ascii_case("value");
            if is_value || self.redaction.covers(key) {
                *value = REDACTED.into();
            } else {
                self.value(value, depth - 1);
            }
            let Some(clean) = clean(self.redaction, key, NAME) else { return true };
            renamed.push((clean, value.take()));
            false
        });
        let kept = map.len() + renamed.len();
        for (key, value) in renamed {
            insert_beside(map, key, value);
        }
        if kept < before {
            insert_beside(map, CUT.to_owned(), (before - kept).into());
        }
    }
}

/// Inserts a value; where the key is taken, with a number behind it.
fn insert_beside(map: &mut Map<String, Value>, key: String, value: Value) {
    let taken = map.contains_key(&key);
    let key = if taken { format!("{key} {}", map.len()) } else { key };
    map.insert(key, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_list_gives_its_memory_back() {
        let mut values = vec![Value::Null; 10_000];
        Walk { redaction: &Redaction::default(), left: 50 }.array(&mut values, DEPTH);
        assert_eq!(values.last(), Some(&CUT.into()));
        assert!(values.capacity() < 100, "{}", values.capacity());
    }
}
