//! A text that is usually short.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

/// The longest text that is kept in place, in bytes: with it, a [`Text`] is as large as a `String`.
pub(crate) const ROOM: usize = 22;

/// A text that can't be changed; one of up to 22 bytes, as most names are, costs no allocation.
///
/// # Examples
/// ```
/// use circuit_soql::ast::Text;
///
/// let name = Text::from("LastModifiedDate");
/// assert_eq!(name, "LastModifiedDate");
/// assert!(name.starts_with("Last"));
/// assert_eq!(size_of::<Text>(), size_of::<String>());
/// ```
#[derive(Clone)]
pub struct Text(Repr);

#[derive(Clone)]
enum Repr {
    /// In place: the first `length` bytes; what stands behind them means nothing.
    Inline {
        length: u8,
        bytes: [u8; ROOM],
    },
    Heap(Box<str>),
}

impl Text {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            // They are the bytes of a `str`: the check is short, and never fails.
            Repr::Inline { .. } => str::from_utf8(self.as_bytes()).unwrap_or_default(),
            Repr::Heap(text) => text,
        }
    }

    /// Returns the bytes of the text; a little faster than [`as_str`](Self::as_str).
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline { length, bytes } => &bytes[..usize::from(*length).min(ROOM)],
            Repr::Heap(text) => text.as_bytes(),
        }
    }

    /// Keeps the first bytes of a chunk in place: a copy of always the same length is a fast one.
    #[inline]
    pub(crate) fn short(chunk: &[u8; ROOM], length: usize) -> Option<Self> {
        let length = u8::try_from(length).ok().filter(|length| usize::from(*length) <= ROOM)?;
        Some(Self(Repr::Inline { length, bytes: *chunk }))
    }

    /// The bytes that are kept in place and how many of them count.
    #[inline]
    pub(crate) fn inline(&self) -> Option<(&[u8; ROOM], usize)> {
        match &self.0 {
            Repr::Inline { length, bytes } => Some((bytes, usize::from(*length).min(ROOM))),
            Repr::Heap(_) => None,
        }
    }
}

impl Default for Text {
    fn default() -> Self {
        Self(Repr::Inline { length: 0, bytes: [0; ROOM] })
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        let mut bytes = [0; ROOM];
        match (u8::try_from(text.len()), bytes.get_mut(..text.len())) {
            (Ok(length), Some(room)) => {
                room.copy_from_slice(text.as_bytes());
                Self(Repr::Inline { length, bytes })
            }
            _ => Self(Repr::Heap(text.into())),
        }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        if text.len() <= ROOM { Self::from(text.as_str()) } else { Self(Repr::Heap(text.into())) }
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        match text.0 {
            Repr::Inline { .. } => text.as_str().to_owned(),
            Repr::Heap(text) => text.into(),
        }
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl PartialEq<String> for Text {
    fn eq(&self, other: &String) -> bool {
        self == other.as_str()
    }
}

impl PartialEq<Text> for str {
    fn eq(&self, other: &Text) -> bool {
        other == self
    }
}

impl PartialEq<Text> for String {
    fn eq(&self, other: &Text) -> bool {
        other == self
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_gives_back_what_was_put_in() {
        let long = "é_Name_of_a_field_that_is_long__c";
        for end in (0..=long.len()).filter(|end| long.is_char_boundary(*end)) {
            let text = &long[..end];
            assert_eq!(Text::from(text), text);
            assert_eq!(Text::from(text.to_owned()).as_str(), text);
            assert_eq!(String::from(Text::from(text)), text);
            assert_eq!(format!("{0} {0:?}", Text::from(text)), format!("{text} {text:?}"));
        }
    }

    #[test]
    fn what_stands_behind_the_text_does_not_count() {
        let [left, right] = [*b"Id FROM Contact WHERE ", *b"Id, Name FROM Lead LIM"];
        assert_eq!(Text::short(&left, 2), Text::short(&right, 2));
        assert_ne!(Text::short(&left, 3), Text::short(&right, 3));
        assert_eq!(Text::short(&left, 23), None);
    }
}
