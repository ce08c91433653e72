//! Records as JSON: in Salesforce's shape (`attributes.type`) and in plain form.

mod guess;
mod read;
mod write;

pub(crate) use write::ChildrenJson;
pub use write::PlainRecord;

use std::cell::Cell;

use serde::de::DeserializeSeed;
use serde::{Deserialize, Deserializer, Serialize};

use self::guess::Guess;
use self::read::{ListVisitor, RecordSeed};
use super::Record;
use crate::error::{Error, ErrorKind, Result};
use crate::value::Text;

/// Reads records from JSON text, every digit of a number kept.
///
/// Numbers with a fraction inside nested arrays and objects are floating-point numbers; one that
/// those cannot hold is refused, not changed.
///
/// One reader for many records is faster than a reader each: it expects the fields of the last
/// ones. A record has at most [`Record::MAX_FIELDS`] fields, and a name at most 255 bytes.
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
    guess: Guess,
    /// Whether there was a number with a fraction before; the next text is read digit by digit then.
    exact: bool,
}

impl RecordJson {
    /// Reads objects whose members are the fields.
    pub fn plain(object: impl Into<Text>) -> Self {
        Self { object: Some(object.into()), guess: Guess::default(), exact: false }
    }

    /// Reads objects that name their type in `attributes.type`.
    pub fn salesforce() -> Self {
        Self { object: None, guess: Guess::default(), exact: false }
    }

    /// Reads one record.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] telling line, column and field.
    pub fn read(&mut self, text: &str) -> Result<Record> {
        let record = self.parse(text, |seed, input| seed.deserialize(input))?;
        self.guess.learn(record.shape());
        Ok(record)
    }

    /// Reads an array of records.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] telling line, column and field.
    pub fn read_list(&mut self, text: &str) -> Result<Vec<Record>> {
        let records = self.parse(text, |seed, input| input.deserialize_seq(ListVisitor(seed)))?;
        if let Some(record) = records.last() {
            self.guess.learn(record.shape());
        }
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
                guess: self.guess.clone(),
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

#[derive(Serialize, Deserialize)]
struct Attributes {
    #[serde(rename = "type")]
    object: Text,
}

impl<'de> Deserialize<'de> for Record {
    /// Reads Salesforce's shape. A number with a fraction keeps at most 17 digits on this way;
    /// [`RecordJson`] keeps them all.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seed =
            RecordSeed { object: None, guess: Guess::default(), inexact: None, exact: false };
        seed.deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::value::Value;

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
