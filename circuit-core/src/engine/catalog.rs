//! What the engine knows about each object: schema, shape, handlers and who refers to it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::db::CircuitDB;
use crate::event::TriggerEvent;
use crate::record::Shape;
use crate::registry::{Registry, TriggerRegistration};
use crate::schema::{ObjectSchema, OnDelete};
use crate::value::Text;

/// One object, as the save path needs it.
#[derive(Debug)]
pub(super) struct ObjectEntry {
    pub(super) name: Text,
    /// The lower-cased name: the key of everything that is kept per object.
    pub(super) key: Text,
    pub(super) schema: Option<(Arc<ObjectSchema>, Arc<Shape>)>,
    handlers: [Vec<Arc<TriggerRegistration>>; TriggerEvent::ALL.len()],
    /// Every handler, in the order in which they run.
    pub(super) all_handlers: Vec<Arc<TriggerRegistration>>,
    pub(super) referrers: Vec<Referrer>,
}

/// A field of another object that refers to this one.
#[derive(Debug, Clone)]
pub(super) struct Referrer {
    pub(super) object: Text,
    pub(super) field: Text,
    pub(super) on_delete: OnDelete,
}

impl ObjectEntry {
    fn new(name: &str, schema: Option<Arc<ObjectSchema>>) -> Self {
        Self {
            name: schema.as_ref().map_or_else(|| name.into(), |schema| schema.object().clone()),
            key: key(name),
            schema: schema.map(|schema| {
                let shape = schema.shape();
                (schema, shape)
            }),
            handlers: Default::default(),
            all_handlers: Vec::new(),
            referrers: Vec::new(),
        }
    }

    /// Returns the handlers of an event, in the order in which they run.
    pub(super) fn handlers(&self, event: TriggerEvent) -> &[Arc<TriggerRegistration>] {
        &self.handlers[event as usize]
    }
}

impl ObjectEntry {
    /// Returns the fields through which a delete takes records along.
    pub(super) fn cascades(&self) -> impl Iterator<Item = &Referrer> {
        self.referrers.iter().filter(|referrer| referrer.on_delete == OnDelete::Cascade)
    }
}

/// The objects that have a schema or handlers; others get an entry made for each use.
#[derive(Debug)]
pub(super) struct Catalog {
    objects: HashMap<Text, Arc<ObjectEntry>>,
}

impl Catalog {
    pub(super) fn new(registry: &Registry, db: &dyn CircuitDB) -> Self {
        let mut objects: HashMap<Text, ObjectEntry> = HashMap::new();
        let schemas = db.schemas();
        for schema in &schemas {
            let entry = ObjectEntry::new(schema.object(), Some(Arc::clone(schema)));
            objects.insert(entry.key.clone(), entry);
        }
        for registration in registry.registrations() {
            let object = registration.object();
            let entry =
                objects.entry(key(object)).or_insert_with(|| ObjectEntry::new(object, None));
            let shared = Arc::new(registration.clone());
            for event in registration.events() {
                entry.handlers[*event as usize].push(Arc::clone(&shared));
            }
            entry.all_handlers.push(shared);
        }
        for schema in &schemas {
            add_referrers(schema, &mut objects);
        }
        Self { objects: objects.into_iter().map(|(key, entry)| (key, Arc::new(entry))).collect() }
    }

    /// Returns an object's entry; one without schema and handlers if nothing is known about it.
    pub(super) fn get(&self, object: &str) -> Arc<ObjectEntry> {
        match self.objects.get(&key(object)) {
            Some(entry) => Arc::clone(entry),
            None => Arc::new(ObjectEntry::new(object, None)),
        }
    }
}

fn add_referrers(schema: &ObjectSchema, objects: &mut HashMap<Text, ObjectEntry>) {
    for field in schema.fields() {
        let Some(reference) = field.reference() else {
            continue;
        };
        for target in reference.objects() {
            let referrer = Referrer {
                object: schema.object().clone(),
                field: field.name().clone(),
                on_delete: reference.on_delete,
            };
            let new = || ObjectEntry::new(&target, None);
            objects.entry(key(&target)).or_insert_with(new).referrers.push(referrer);
        }
    }
}

/// Object names match without regard to case.
pub(in crate::engine) fn key(object: &str) -> Text {
    Text::from(object).trim_to_ascii_lowercase()
}
