//! A batch of events with the images of their records.

use std::collections::HashMap;
use std::sync::Arc;

use super::event::{ChangeEvent, ChangeKind};
use crate::db::{CircuitDB, FetchRequest, Stored};
use crate::engine::catalog::ObjectEntry;
use crate::engine::session::Session;
use crate::error::Result;
use crate::event::TriggerEvent;
use crate::record::{Record, RecordId};
use crate::registry::TriggerRegistration;
use crate::value::Text;

/// One record of one event.
#[derive(Debug)]
pub(super) struct Change {
    /// The event's place in the batch.
    pub(super) place: usize,
    pub(super) event: Arc<ChangeEvent>,
    /// The event whose handlers run.
    pub(super) kind: TriggerEvent,
    pub(super) id: RecordId,
    pub(super) new: Option<Record>,
    pub(super) old: Option<Record>,
}

impl Change {
    /// Returns the id of the record and what it is or was like.
    pub(super) fn key(&self) -> Option<(Option<&RecordId>, &Record)> {
        let image = self.new.as_ref().or(self.old.as_ref());
        image.map(|record| (Some(&self.id), record))
    }
}

/// Up to 2,000 events, in order.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) events: Vec<Arc<ChangeEvent>>,
    pub(super) changes: Vec<Change>,
    /// What the snapshot store held, by object and id.
    pub(super) stored: HashMap<(Text, RecordId), Option<Stored>>,
}

impl Batch {
    /// Reads what the events lack: old images from the snapshots, whole records after a gap.
    pub(super) async fn load(session: &Session, events: &[Arc<ChangeEvent>]) -> Result<Self> {
        let engine = &session.engine;
        let key = |event: &ChangeEvent| engine.catalog.get(event.fields.object()).key.clone();
        let stored = match &engine.snapshots {
            Some(snapshots) => read(&**snapshots, events, &key).await?,
            None => HashMap::new(),
        };
        let gaps: Vec<Arc<ChangeEvent>> =
            events.iter().filter(|event| event.kind == ChangeKind::Gap).cloned().collect();
        let current = read(&*engine.db, &gaps, &key).await?;
        let mut last: HashMap<(Text, RecordId), Option<Record>> = stored
            .iter()
            .map(|(key, stored)| (key.clone(), stored.as_ref().map(|s| s.record.clone())))
            .collect();
        let mut changes = Vec::new();
        for (place, event) in events.iter().enumerate() {
            let object = engine.catalog.get(event.fields.object());
            for id in &event.ids {
                let key = (object.key.clone(), id.clone());
                let known = last.get(&key).cloned().flatten();
                let is_gone =
                    event.kind == ChangeKind::Gap && matches!(current.get(&key), Some(None));
                let kind = if is_gone { TriggerEvent::AfterDelete } else { event.kind.event() };
                let fields = match current.get(&key) {
                    Some(Some(now)) if event.kind == ChangeKind::Gap => now.record.clone(),
                    _ => event.fields.clone().with_id(id.clone()),
                };
                let new = known.as_ref().map_or_else(|| fields.clone(), |old| old.patched(&fields));
                let new = (kind != TriggerEvent::AfterDelete).then(|| object.conform(new));
                let unknown = || Record::new(&object.name).with_id(id.clone());
                let old = matches!(kind, TriggerEvent::AfterUpdate | TriggerEvent::AfterDelete)
                    .then(|| object.conform(known.unwrap_or_else(unknown)));
                last.insert(key, new.clone());
                let event = Arc::clone(event);
                changes.push(Change { place, event, kind, id: id.clone(), new, old });
            }
        }
        Ok(Self { events: events.to_vec(), changes, stored })
    }

    /// Returns the handlers that a change of the batch concerns: objects in the order of their first
    /// event, the handlers of an object in their own order.
    pub(super) fn handlers(&self, session: &Session) -> Vec<Arc<TriggerRegistration>> {
        let mut kinds: Vec<(Arc<ObjectEntry>, Vec<TriggerEvent>)> = Vec::new();
        for change in &self.changes {
            let object = session.engine.catalog.get(change.event.fields.object());
            match kinds.iter_mut().find(|(known, _)| known.key == object.key) {
                Some((_, events)) if events.contains(&change.kind) => {}
                Some((_, events)) => events.push(change.kind),
                None => kinds.push((object, vec![change.kind])),
            }
        }
        let concerned = |(object, events): (Arc<ObjectEntry>, Vec<TriggerEvent>)| {
            let mut handlers = object.all_handlers.clone();
            handlers.retain(|handler| handler.events().iter().any(|event| events.contains(event)));
            handlers
        };
        kinds.into_iter().flat_map(concerned).collect()
    }
}

/// Reads the records of events, object by object.
async fn read(
    db: &dyn CircuitDB,
    events: &[Arc<ChangeEvent>],
    key: &(dyn Fn(&ChangeEvent) -> Text + Sync),
) -> Result<HashMap<(Text, RecordId), Option<Stored>>> {
    let mut wanted: HashMap<Text, Vec<RecordId>> = HashMap::new();
    let mut names: HashMap<Text, Text> = HashMap::new();
    for event in events {
        let key = key(event);
        names.entry(key.clone()).or_insert_with(|| event.fields.object().clone());
        wanted.entry(key).or_default().extend(event.ids.iter().cloned());
    }
    let mut found = HashMap::new();
    for (key, mut ids) in wanted {
        ids.sort();
        ids.dedup();
        let request = FetchRequest::by_id(names[&key].clone(), ids.iter().cloned());
        for (id, stored) in ids.into_iter().zip(db.fetch(&request).await?) {
            found.insert((key.clone(), id), stored);
        }
    }
    Ok(found)
}
