//! The schema of one object.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{FieldSchema, OnDelete};
use crate::error::{Error, ErrorKind, Result};
use crate::record::Shape;
use crate::value::{FieldType, Text};

/// The fields of one object and what they may hold.
///
/// An object without a schema is open: any field, no checks. One with a schema takes the fields it
/// names and `Id`, and refuses others.
///
/// # Examples
/// ```
/// use circuit_core::{FieldSchema, FieldType, ObjectSchema, OnDelete};
///
/// let contact = ObjectSchema::new("Contact")
///     .with_field(FieldSchema::new("Email", FieldType::Text).unique().with_length(80))
///     .with_field(FieldSchema::new("AccountId", FieldType::Id).with_reference("Account", OnDelete::Restrict));
/// assert!(contact.check().is_ok());
/// assert!(contact.field("email").unwrap().is_unique());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ObjectSchema {
    object: Text,
    fields: Vec<FieldSchema>,
}

impl ObjectSchema {
    /// Creates a schema without fields.
    pub fn new(object: impl Into<Text>) -> Self {
        Self { object: object.into(), fields: Vec::new() }
    }

    /// Adds a field.
    #[must_use]
    pub fn with_field(mut self, field: FieldSchema) -> Self {
        self.fields.push(field);
        self
    }

    /// Returns the object's name.
    pub fn object(&self) -> &Text {
        &self.object
    }

    /// Returns the fields in the order declared, without `Id`.
    pub fn fields(&self) -> &[FieldSchema] {
        &self.fields
    }

    /// Returns a field, without regard to case.
    pub fn field(&self, name: &str) -> Option<&FieldSchema> {
        self.fields.iter().find(|field| field.name().eq_ignore_ascii_case(name))
    }

    /// Returns the shape with a slot for each field: field `i` is in slot `i + 1`.
    pub fn shape(&self) -> Arc<Shape> {
        Shape::of(&self.object).extended(self.fields.iter().map(|field| &**field.name()))
    }

    /// Checks that the schema does not contradict itself. Backends call it when they take a schema.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSchema`] naming object and field.
    pub fn check(&self) -> Result<()> {
        if self.object.is_empty() {
            return Err(Error::new(ErrorKind::InvalidSchema, "an object has no name"));
        }
        for (i, field) in self.fields.iter().enumerate() {
            let problem = problem(field).or_else(|| {
                let twice = |other: &FieldSchema| other.name().eq_ignore_ascii_case(field.name());
                self.fields[..i].iter().any(twice).then_some("the field is declared twice")
            });
            if let Some(problem) = problem {
                return Err(Error::new(ErrorKind::InvalidSchema, problem)
                    .with("object", &self.object)
                    .with("field", field.name()));
            }
        }
        Ok(())
    }
}

fn problem(field: &FieldSchema) -> Option<&'static str> {
    let text = matches!(field.field_type(), FieldType::Text | FieldType::MultiPicklist);
    let default_fits = |value| field.field_type().coerce(value).is_ok();
    if field.name().is_empty() {
        Some("a field has no name")
    } else if field.name().eq_ignore_ascii_case("Id") {
        Some("`Id` is declared by the engine")
    } else if field.length().is_some() && !text {
        Some("only text has a length")
    } else if field.is_restricted() && field.picklist().is_empty() {
        Some("a restricted field needs a picklist")
    } else if !field.picklist().is_empty() && !text {
        Some("only text and multi-picklists have a picklist")
    } else if field.reference().is_some() && field.field_type() != FieldType::Id {
        Some("a reference is an id")
    } else if field.is_required()
        && field.reference().is_some_and(|reference| reference.on_delete == OnDelete::Clear)
    {
        Some("a required reference cannot be cleared; say what a delete does: cascade or restrict")
    } else if field.is_unique() && matches!(field.field_type(), FieldType::Json | FieldType::Any) {
        Some("JSON and values of any type cannot be unique")
    } else if !field.default().is_none_or(default_fits) {
        Some("the default has another type than the field")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::OnDelete;

    fn refused(field: FieldSchema) -> String {
        let schema = ObjectSchema::new("Contact").with_field(field);
        schema.check().unwrap_err().message().to_owned()
    }

    #[test]
    fn contradictions_are_refused() {
        let of = |field_type| FieldSchema::new("F", field_type);
        assert_eq!(refused(of(FieldType::Date).with_length(3)), "only text has a length");
        assert_eq!(
            refused(of(FieldType::Text).restricted()),
            "a restricted field needs a picklist"
        );
        let reference = of(FieldType::Text).with_reference("Account", OnDelete::Clear);
        assert_eq!(refused(reference), "a reference is an id");
        let default = of(FieldType::Integer).with_default("x");
        assert_eq!(refused(default), "the default has another type than the field");
        assert_eq!(
            refused(FieldSchema::new("ID", FieldType::Id)),
            "`Id` is declared by the engine"
        );
    }

    #[test]
    fn a_field_declared_twice_is_named() {
        let schema = ObjectSchema::new("Contact")
            .with_field(FieldSchema::new("Email", FieldType::Text))
            .with_field(FieldSchema::new("EMAIL", FieldType::Text));
        assert_eq!(schema.check().unwrap_err().context("field"), Some("EMAIL"));
    }

    #[test]
    fn a_schema_survives_json() {
        let schema = ObjectSchema::new("Contact").with_field(
            FieldSchema::new("Stage", FieldType::Text)
                .with_picklist(["Open", "Won"])
                .restricted()
                .with_default("Open"),
        );
        let text = serde_json::to_string(&schema).unwrap();
        assert_eq!(serde_json::from_str::<ObjectSchema>(&text).unwrap(), schema);
    }
}
