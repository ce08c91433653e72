//! One object.

use super::{Field, FieldKind};

/// One object: its fields, and the records that refer to it.
///
/// # Examples
/// ```
/// use circuit_soql::schema::{Field, FieldKind, Object};
///
/// let contact = Object::new("Contact")
///     .with(Field::new("Email", FieldKind::Text))
///     .with(Field::to("AccountId", ["Account"], "Account"));
/// assert_eq!(contact.field("email").unwrap().kind, FieldKind::Text);
/// assert_eq!(contact.parent("ACCOUNT").unwrap().name, "AccountId");
/// assert!(contact.field("Id").is_some());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its name.
    pub name: String,
    /// Its name for people.
    pub label: Option<String>,
    /// Its fields, `Id` among them.
    pub fields: Vec<Field>,
    /// The relationships to its child records, as far as the object lists them itself.
    pub children: Vec<ChildRelationship>,
    /// What ids look like.
    pub ids: IdForm,
}

/// A relationship to child records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildRelationship {
    /// Its name, as a sub-query writes it.
    pub name: String,
    /// The object of the children.
    pub object: String,
    /// Their field that refers to the parent.
    pub field: String,
}

/// What ids look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IdForm {
    /// 15 or 18 letters and digits.
    #[default]
    Salesforce,
    /// Any text.
    Any,
}

impl Object {
    /// Creates an object with an `Id`.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            label: None,
            fields: vec![Field { nillable: false, ..Field::new("Id", FieldKind::Id) }],
            children: Vec::new(),
            ids: IdForm::Salesforce,
        }
    }

    /// Adds a field.
    #[must_use]
    pub fn with(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// Adds a relationship to child records of an object by their field.
    #[must_use]
    pub fn with_children(
        mut self,
        name: impl Into<String>,
        object: impl Into<String>,
        field: impl Into<String>,
    ) -> Self {
        let (name, object, field) = (name.into(), object.into(), field.into());
        self.children.push(ChildRelationship { name, object, field });
        self
    }

    /// Returns a field, without regard to case.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// Returns the field behind a relationship to a parent, without regard to case.
    pub fn parent(&self, relationship: &str) -> Option<&Field> {
        self.fields.iter().find(|field| {
            field.relationship.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(relationship))
        })
    }

    /// Returns the relationships by which this object's records are children of another's, as far
    /// as the fields name them.
    pub fn children_of<'a>(
        &'a self,
        parent: &'a str,
    ) -> impl Iterator<Item = ChildRelationship> + 'a {
        let fields = self.fields.iter().filter(move |field| {
            field.references.iter().any(|target| target.eq_ignore_ascii_case(parent))
        });
        fields.filter_map(|field| {
            let (object, name) = (self.name.clone(), field.children.clone()?);
            Some(ChildRelationship { name, object, field: field.name.clone() })
        })
    }

    /// Returns a relationship to child records, without regard to case.
    pub fn child(&self, relationship: &str) -> Option<&ChildRelationship> {
        self.children.iter().find(|child| child.name.eq_ignore_ascii_case(relationship))
    }
}
