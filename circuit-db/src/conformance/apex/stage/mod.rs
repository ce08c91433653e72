//! What behaviours are shown on: a store with a few objects, engines over it, a list of notes.

mod handler;
mod record;
mod result;

pub(in crate::conformance::apex) use handler::{
    add_tasks, on, reads, refuse, refuses, rows, sets, tells, wait, watch, watches,
};
pub(in crate::conformance::apex) use record::{
    account, all_named, contact, id, isolated, many, name_of, named, of, partial, text,
};
pub(in crate::conformance::apex) use result::{
    cause_of, codes, column, error_of, names, refused, saved, show, statuses, stored, whole_life,
};

use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use circuit_core::{
    Circuit, CircuitBuilder, CircuitDB, Clock, FieldSchema, FieldType, ObjectSchema, OnDelete,
    Query, Record, RecordId, Registry, RegistryBuilder, Result, TriggerRegistration,
};

/// The objects: `Account`, its `Contact`s (lookup, cleared), `Asset`s (cascade) and `Contract`s
/// (restrict), and `Part`s of assets (cascade). Any other object, such as `Task`, is open.
pub fn schemas() -> Vec<ObjectSchema> {
    let of = FieldSchema::new;
    let text = |name: &'static str| of(name, FieldType::Text);
    vec![
        ObjectSchema::new("Account")
            .with_field(text("Name").required().with_length(20))
            .with_field(text("Rating").with_picklist(["Hot", "Warm", "Cold"]).restricted())
            .with_field(of("Size", FieldType::Integer))
            .with_field(of("ParentId", FieldType::Id).with_reference("Account", OnDelete::Clear)),
        ObjectSchema::new("Contact")
            .with_field(text("LastName"))
            .with_field(text("Email").unique())
            .with_field(text("Ext").external_id())
            .with_field(text("Status").with_default("new"))
            .with_field(of("Score", FieldType::Integer))
            .with_field(of("AccountId", FieldType::Id).with_reference("Account", OnDelete::Clear)),
        ObjectSchema::new("Asset").with_field(text("Name")).with_field(
            of("AccountId", FieldType::Id).with_reference("Account", OnDelete::Cascade),
        ),
        ObjectSchema::new("Part")
            .with_field(text("Name"))
            .with_field(of("AssetId", FieldType::Id).with_reference("Asset", OnDelete::Cascade)),
        ObjectSchema::new("Contract").with_field(text("Name")).with_field(
            of("AccountId", FieldType::Id).with_reference("Account", OnDelete::Restrict),
        ),
    ]
}

/// A store, and a list of notes that handlers write and the behaviour reads.
#[derive(Debug, Clone)]
pub(in crate::conformance::apex) struct Stage {
    db: Arc<dyn CircuitDB>,
    notes: Arc<Mutex<Vec<String>>>,
    clock: StillClock,
}

impl Stage {
    pub(in crate::conformance::apex) fn new(db: Arc<dyn CircuitDB>) -> Self {
        Self { db, notes: Arc::default(), clock: StillClock::default() }
    }

    /// Starts an engine over the store, with a clock that stands still.
    pub(in crate::conformance::apex) fn builder(
        &self,
        registrations: impl IntoIterator<Item = TriggerRegistration>,
    ) -> CircuitBuilder {
        let registry =
            registrations.into_iter().fold(Registry::builder(), RegistryBuilder::register);
        Circuit::builder()
            .backend(Arc::clone(&self.db))
            .registry(registry.build())
            .clock(self.clock.clone())
    }

    /// Returns an engine over the store.
    pub(in crate::conformance::apex) fn circuit(
        &self,
        registrations: impl IntoIterator<Item = TriggerRegistration>,
    ) -> Result<Circuit> {
        self.builder(registrations).build()
    }

    pub(in crate::conformance::apex) fn store(&self) -> Arc<dyn CircuitDB> {
        Arc::clone(&self.db)
    }

    pub(in crate::conformance::apex) fn clock(&self) -> &StillClock {
        &self.clock
    }

    /// Adds a note.
    pub(in crate::conformance::apex) fn note(&self, note: impl Display) {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(note.to_string());
    }

    /// Returns whether there is such a note.
    pub(in crate::conformance::apex) fn seen(&self, note: &str) -> bool {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|other| other == note)
    }

    /// Returns the notes and forgets them.
    pub(in crate::conformance::apex) fn notes(&self) -> Vec<String> {
        std::mem::take(&mut *self.notes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Inserts records without any trigger; answers their ids.
    pub(in crate::conformance::apex) async fn fill(
        &self,
        records: impl IntoIterator<Item = Record>,
    ) -> Result<Vec<RecordId>> {
        let records: Vec<Record> = records.into_iter().collect();
        let outcome = self.circuit([])?.insert(records).await?;
        Ok(outcome.ids().cloned().collect())
    }

    /// Returns the records of an object that are stored, by id.
    pub(in crate::conformance::apex) async fn stored(&self, object: &str) -> Result<Vec<Record>> {
        let answer = self.db.query(&Query::of(object)).await?;
        Ok(answer.records.into_iter().map(|stored| stored.record).collect())
    }
}

/// A clock that stands still; waiting moves it on.
#[derive(Debug, Clone, Default)]
pub(in crate::conformance::apex) struct StillClock(Arc<AtomicU64>);

impl StillClock {
    pub(in crate::conformance::apex) fn advance(&self, by: Duration) {
        let milliseconds = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.0.fetch_add(milliseconds, Ordering::Relaxed);
    }
}

impl Clock for StillClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + self.elapsed()
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let clock = self.clone();
        Box::pin(async move { clock.advance(duration) })
    }

    fn until(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(std::future::pending())
    }
}
