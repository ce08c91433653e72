//! Ids of records: Salesforce's two forms and other services' own.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;

use crate::error::{Error, ErrorKind};
use crate::value::Text;

/// The id of a record.
///
/// The 15- and the 18-character form of a Salesforce id are equal when they name the same record.
/// Ids of other services are compared as they are. The text stays as it was given.
///
/// # Examples
/// ```
/// use circuit_core::RecordId;
///
/// let short: RecordId = "001D000000IRFma".parse()?;
/// let long: RecordId = "001D000000IRFmaIAH".parse()?;
/// assert_eq!(short, long);
/// assert_eq!(short.to_18(), "001D000000IRFmaIAH");
/// # Ok::<(), circuit_core::Error>(())
/// ```
#[derive(Clone)]
pub struct RecordId(SmolStr);

/// Longer texts are not ids of any service we know.
const MAX_LEN: usize = 255;

impl RecordId {
    /// Returns the text as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns a copy of the text; cheap.
    pub(crate) fn text(&self) -> Text {
        Text::of_small(self.0.clone())
    }

    /// Returns what names the record: without the checksum where there is a valid one.
    pub fn key(&self) -> &str {
        let text = self.0.as_str();
        if text.len() == 18 && has_valid_checksum(text.as_bytes()) { &text[..15] } else { text }
    }

    /// Returns the 18-character form of a 15-character Salesforce id; other ids as they are.
    pub fn to_18(&self) -> Cow<'_, str> {
        match <&[u8; 15]>::try_from(self.0.as_bytes()) {
            Ok(key) if key.iter().all(u8::is_ascii_alphanumeric) => {
                let mut text = self.0.to_string();
                text.extend(checksum(key).map(char::from));
                Cow::Owned(text)
            }
            _ => Cow::Borrowed(&self.0),
        }
    }

    /// Builds an 18-character id from the 15 characters that name the record.
    pub(crate) fn from_key(key: [u8; 15]) -> Self {
        let mut bytes = [0_u8; 18];
        bytes[..15].copy_from_slice(&key);
        bytes[15..].copy_from_slice(&checksum(&key));
        let text = std::str::from_utf8(&bytes).expect("keys and checksums are ASCII");
        Self(SmolStr::new_inline(text))
    }

    /// Creates an id that stands for the one the store will assign when the plan is committed.
    ///
    /// The engine makes them; the conformance suite of stores does too. No text parses as one.
    pub fn placeholder(number: u64) -> Self {
        Self(smol_str::format_smolstr!("{PLACEHOLDER}{number}"))
    }

    /// Returns whether the store has still to assign the id.
    pub fn is_placeholder(&self) -> bool {
        Self::is_placeholder_text(&self.0)
    }

    pub(crate) fn is_placeholder_text(text: &str) -> bool {
        text.starts_with(PLACEHOLDER)
    }
}

/// No service has ids with this lead, and [`RecordId::from_str`] refuses it.
const PLACEHOLDER: &str = "new#";

/// Three characters, each telling which of five are upper case (Salesforce's own rule).
fn checksum(key: &[u8; 15]) -> [u8; 3] {
    const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let mut sum = [0_u8; 3];
    for (digit, five) in sum.iter_mut().zip(key.chunks_exact(5)) {
        let upper = five.iter().enumerate().filter(|(_, c)| c.is_ascii_uppercase());
        *digit = DIGITS[upper.fold(0, |bits, (i, _)| bits | 1_usize << i)];
    }
    sum
}

fn has_valid_checksum(text: &[u8]) -> bool {
    let Ok(key) = <&[u8; 15]>::try_from(&text[..15]) else {
        return false;
    };
    text.iter().all(u8::is_ascii_alphanumeric) && checksum(key).eq_ignore_ascii_case(&text[15..])
}

impl FromStr for RecordId {
    type Err = Error;

    /// # Errors
    /// [`ErrorKind::InvalidInput`] for an empty text, one of over 255 bytes, or one with white
    /// space or `#` in it.
    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = |c: char| c.is_whitespace() || c.is_control() || c == '#';
        if text.is_empty() || text.len() > MAX_LEN || text.contains(bad) {
            let message = "an id has 1 to 255 bytes and neither white space nor `#`";
            return Err(Error::new(ErrorKind::InvalidInput, message).with("bytes", text.len()));
        }
        Ok(Self(SmolStr::new(text)))
    }
}

impl TryFrom<&str> for RecordId {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self, Error> {
        text.parse()
    }
}

impl PartialEq for RecordId {
    fn eq(&self, other: &Self) -> bool {
        if self.0.len() == other.0.len() && self.0.len() != 18 {
            return self.0 == other.0;
        }
        self.key() == other.key()
    }
}

impl Eq for RecordId {}

impl PartialOrd for RecordId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for RecordId {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(other.key())
    }
}

impl Hash for RecordId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl AsRef<str> for RecordId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordId({})", self.0)
    }
}

impl Serialize for RecordId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RecordId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn id(text: &str) -> RecordId {
        text.parse().unwrap()
    }

    #[test]
    fn both_salesforce_forms_hash_alike() {
        let set = HashSet::from([id("001D000000IRFma")]);
        assert!(set.contains(&id("001D000000IRFmaIAH")));
    }

    #[test]
    fn eighteen_characters_without_a_checksum_are_another_service() {
        assert_ne!(id("001D000000IRFmaZZZ"), id("001D000000IRFma"));
        assert_eq!(id("001D000000IRFmaZZZ").key(), "001D000000IRFmaZZZ");
    }

    #[test]
    fn ids_of_other_services_keep_their_case_and_text() {
        let gohighlevel = id("nmFmQEsNgz6AVpgLVUJ0");
        assert_eq!(gohighlevel.to_18(), "nmFmQEsNgz6AVpgLVUJ0");
        assert_ne!(gohighlevel, id("NMFMQESNGZ6AVPGLVUJ0"));
    }

    #[test]
    fn an_id_from_a_key_has_its_checksum() {
        assert_eq!(RecordId::from_key(*b"001D000000IRFma").as_str(), "001D000000IRFmaIAH");
    }

    #[test]
    fn texts_that_are_no_ids_are_refused() {
        for text in ["", " ", "a b", "new#1", "a\n", &"x".repeat(256)] {
            assert!(text.parse::<RecordId>().is_err(), "{text:?}");
        }
    }
}
