//! The objects of a store, as the check of SOQL knows objects.

use std::sync::Arc;

use circuit_soql::schema::{Catalog, ChildRelationship, Field, FieldKind, Found, IdForm, Object};

use crate::db::CircuitDB;
use crate::schema::{FieldSchema, ObjectSchema};
use crate::value::FieldType;

/// The objects of a store.
#[derive(Debug)]
pub(super) struct StoreCatalog<'a>(pub(super) &'a dyn CircuitDB);

impl Catalog for StoreCatalog<'_> {
    fn object(&self, name: &str) -> Found {
        match self.0.describe(name) {
            Some(schema) => Found::Object(Arc::new(object(&schema))),
            None if self.0.capability().open_objects.is_yes() => Found::Open,
            None => Found::Missing,
        }
    }

    fn names(&self) -> Vec<String> {
        self.0.schemas().iter().map(|schema| schema.object().to_string()).collect()
    }

    fn children(&self, object: &Object) -> Vec<ChildRelationship> {
        let mut children = Vec::new();
        for schema in self.0.schemas() {
            for field in schema.fields() {
                let refers = field.reference().is_some_and(|reference| {
                    reference.objects().iter().any(|to| to.eq_ignore_ascii_case(&object.name))
                });
                if let Some(name) = field.children(schema.object()).filter(|_| refers) {
                    children.push(ChildRelationship {
                        name: name.to_string(),
                        object: schema.object().to_string(),
                        field: field.name().to_string(),
                    });
                }
            }
        }
        children
    }
}

fn object(schema: &ObjectSchema) -> Object {
    let mut object = Object::new(schema.object().as_str());
    object.ids = IdForm::Any;
    for field in schema.fields() {
        object.fields.push(self::field(field));
        object.fields.extend(place(field));
    }
    object
}

fn field(schema: &FieldSchema) -> Field {
    let mut field = Field::new(schema.name().as_str(), kind(schema));
    field.nillable = !schema.is_required();
    field.picklist = schema.picklist().iter().map(ToString::to_string).collect();
    field.relationship = schema.relationship().map(|name| name.to_string());
    if let Some(reference) = schema.reference() {
        field.references = reference.objects().iter().map(ToString::to_string).collect();
    }
    field
}

/// Returns what a field holds, as the check of SOQL knows it.
pub(super) fn kind(schema: &FieldSchema) -> FieldKind {
    match schema.field_type() {
        FieldType::Boolean => FieldKind::Boolean,
        FieldType::Integer => FieldKind::Integer,
        FieldType::Decimal => FieldKind::Decimal,
        FieldType::Text if schema.picklist().is_empty() => FieldKind::Text,
        FieldType::Text => FieldKind::Picklist,
        FieldType::Date => FieldKind::Date,
        FieldType::DateTime => FieldKind::DateTime,
        FieldType::Time => FieldKind::Time,
        FieldType::Id if schema.reference().is_some() => FieldKind::Reference,
        FieldType::Id => FieldKind::Id,
        FieldType::MultiPicklist => FieldKind::MultiPicklist,
        FieldType::Json => FieldKind::Json,
        FieldType::Any => FieldKind::Any,
    }
}

/// A field with a latitude stands for a place too: `Home__Latitude__s` for `Home__c`,
/// `MailingLatitude` for `MailingAddress`.
fn place(schema: &FieldSchema) -> Option<Field> {
    let name = schema.name();
    if let Some(place) = name.strip_suffix("__Latitude__s") {
        return Some(Field::new(format!("{place}__c"), FieldKind::Location));
    }
    let place = name.strip_suffix("Latitude")?;
    Some(Field::new(format!("{place}Address"), FieldKind::Address))
}
