//! What is said of names that nothing has.

use std::sync::Arc;

use super::Checker;
use super::suggest::nearest;
use crate::ast::Name;
use crate::schema::{Field, FieldKind, Found, Object};

/// The fields that every record behind a relationship to several objects has (Salesforce: `Name`).
const NAME_FIELDS: &[(&str, FieldKind)] = &[
    ("Name", FieldKind::Text),
    ("Type", FieldKind::Picklist),
    ("FirstName", FieldKind::Text),
    ("MiddleName", FieldKind::Text),
    ("LastName", FieldKind::Text),
    ("Suffix", FieldKind::Text),
    ("NameOrAlias", FieldKind::Text),
    ("Alias", FieldKind::Text),
    ("Email", FieldKind::Text),
    ("Phone", FieldKind::Text),
    ("Title", FieldKind::Text),
    ("Username", FieldKind::Text),
    ("IsActive", FieldKind::Boolean),
    ("LastReferencedDate", FieldKind::DateTime),
    ("LastViewedDate", FieldKind::DateTime),
];

impl Checker<'_> {
    /// Returns the object `Name`, from the catalog or as Salesforce documents it.
    pub(super) fn name_object(&self) -> Arc<Object> {
        if let Found::Object(object) = self.catalog.object("Name") {
            return object;
        }
        let fields = NAME_FIELDS.iter().map(|(name, kind)| Field::new(*name, *kind));
        let object = fields.fold(Object::new("Name"), Object::with);
        let parents =
            [("Profile", "ProfileId"), ("RecordType", "RecordTypeId"), ("UserRole", "UserRoleId")];
        let object = parents.into_iter().fold(object, |object, (parent, field)| {
            object.with(Field::to(field, [parent], parent))
        });
        Arc::new(object)
    }

    /// Looks up what a query is over.
    pub(super) fn object(&mut self, name: &Name) -> Option<Arc<Object>> {
        match self.catalog.object(&name.text) {
            Found::Object(object) => Some(object),
            Found::Open => None,
            Found::Missing => {
                let names = self.catalog.names();
                let near = nearest(&name.text, names.iter().map(String::as_str));
                let near = near.map(str::to_owned);
                self.report.suggest(name.span, format!("unknown object `{name}`"), near);
                None
            }
        }
    }

    /// Reports a field that an object lacks; relationships are often taken for fields.
    pub(super) fn unknown_field(&mut self, object: &Object, name: &Name) {
        if let Some(field) = object.parent(&name.text) {
            let relationship = field.relationship.as_deref().unwrap_or(&name.text);
            let message = format!(
                "`{name}` is a relationship: select the id, `{}`, or a field of the record, as in \
                 `{relationship}.Name`",
                field.name
            );
            self.report.suggest(name.span, message, Some(field.name.clone()));
        } else if let Some(child) = object.child(&name.text) {
            let message = format!(
                "`{name}` is a relationship to child records: read them with a sub-query, as in \
                 `(SELECT Id FROM {})`",
                child.name
            );
            self.report.at(name.span, message);
        } else {
            let near = nearest(&name.text, object.fields.iter().map(|field| field.name.as_str()));
            let message = format!("unknown field `{name}` of {}", object.name);
            self.report.suggest(name.span, message, near.map(str::to_owned));
        }
    }

    /// Reports a relationship that an object lacks; fields are often taken for relationships.
    pub(super) fn unknown_relationship(&mut self, object: &Object, name: &Name) {
        if let Some(field) = object.field(&name.text) {
            let relationship = field.relationship.clone();
            let message = match &relationship {
                Some(relationship) => format!(
                    "`{name}` is a field; the record that it refers to is called `{relationship}`"
                ),
                None => {
                    format!("`{name}` is {} and leads to no other object", field.kind.article())
                }
            };
            self.report.suggest(name.span, message, relationship);
            return;
        }
        let relationships = object.fields.iter().filter_map(|field| field.relationship.as_deref());
        // `User.Name` for `Owner.Name`: the object in the place of the only way to it.
        let mut ways = object
            .fields
            .iter()
            .filter(|field| field.references.iter().any(|target| name.is(target)));
        let only = match (ways.next(), ways.next()) {
            (Some(field), None) => field.relationship.as_deref(),
            _ => None,
        };
        let near = nearest(&name.text, relationships).or(only).map(str::to_owned);
        let message = if object.child(&name.text).is_some() {
            format!(
                "`{name}` leads to child records of {}: read them with a sub-query",
                object.name
            )
        } else {
            format!("unknown relationship `{name}` of {}", object.name)
        };
        self.report.suggest(name.span, message, near);
    }
}
