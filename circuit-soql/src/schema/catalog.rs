//! Where objects are looked up.

use std::fmt::Debug;
use std::sync::Arc;

use super::{ChildRelationship, Object};

/// What a catalog knows about an object.
#[derive(Debug, Clone)]
pub enum Found {
    /// All of it.
    Object(Arc<Object>),
    /// That there is no such object.
    Missing,
    /// Nothing: it may be anything, and what hangs on it is not checked.
    Open,
}

/// Where objects are looked up, one by one: a catalog may read each when it is asked for.
pub trait Catalog: Debug {
    /// Looks an object up, without regard to case.
    fn object(&self, name: &str) -> Found;

    /// Returns the names of all objects, for suggestions.
    fn names(&self) -> Vec<String>;

    /// Returns the relationships from an object to child records: those that it lists, and those
    /// that [fields of others](Object::children_of) name.
    fn children(&self, object: &Object) -> Vec<ChildRelationship>;
}

/// Objects in memory.
///
/// # Examples
/// ```
/// use circuit_soql::schema::{Catalog, Found, Object, Schema};
///
/// let schema = Schema::closed([Object::new("Contact")]);
/// assert!(matches!(schema.object("contact"), Found::Object(_)));
/// assert!(matches!(schema.object("Lead"), Found::Missing));
/// assert!(matches!(Schema::open([]).object("Lead"), Found::Open));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Schema {
    objects: Vec<Arc<Object>>,
    open: bool,
}

impl Schema {
    /// Takes these objects for all there are.
    pub fn closed(objects: impl IntoIterator<Item = Object>) -> Self {
        Self { objects: objects.into_iter().map(Arc::new).collect(), open: false }
    }

    /// Takes these objects for the known ones among others.
    pub fn open(objects: impl IntoIterator<Item = Object>) -> Self {
        Self { open: true, ..Self::closed(objects) }
    }
}

impl Catalog for Schema {
    fn object(&self, name: &str) -> Found {
        match self.objects.iter().find(|object| object.name.eq_ignore_ascii_case(name)) {
            Some(object) => Found::Object(Arc::clone(object)),
            None if self.open => Found::Open,
            None => Found::Missing,
        }
    }

    fn names(&self) -> Vec<String> {
        self.objects.iter().map(|object| object.name.clone()).collect()
    }

    fn children(&self, object: &Object) -> Vec<ChildRelationship> {
        let named = self.objects.iter().flat_map(|other| other.children_of(&object.name));
        object.children.iter().cloned().chain(named).collect()
    }
}
