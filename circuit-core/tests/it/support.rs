//! Set-up that the tests share.

use circuit_core::{
    Circuit, CircuitBuilder, HandlerError, Record, Registry, TriggerContext, TriggerEvent,
    TriggerRegistration,
};
use circuit_db::Memory;
use circuit_testkit::{CountingIds, ManualClock};

/// A registration from a closure that waits for nothing.
#[track_caller]
pub(crate) fn on<F>(
    object: &str,
    event: TriggerEvent,
    name: &str,
    handler: F,
) -> TriggerRegistration
where
    F: for<'c, 'i> Fn(&'c mut TriggerContext<'i, Record>) -> Result<(), HandlerError>
        + Send
        + Sync
        + 'static,
{
    TriggerRegistration::sync(object, [event], name, handler)
}

/// An engine over a store, with ids that count up and a clock that stands still.
pub(crate) fn builder(
    registrations: impl IntoIterator<Item = TriggerRegistration>,
) -> CircuitBuilder {
    let registry = registrations
        .into_iter()
        .fold(Registry::builder(), circuit_core::RegistryBuilder::register);
    Circuit::builder()
        .registry(registry.build())
        .ids(CountingIds::default())
        .clock(ManualClock::default())
}

/// An engine over an empty memory store without schemas.
pub(crate) fn circuit(registrations: impl IntoIterator<Item = TriggerRegistration>) -> Circuit {
    builder(registrations).backend(Memory::new()).build().unwrap()
}

/// Contacts with numbered last names.
pub(crate) fn contacts(count: usize) -> Vec<Record> {
    (0..count).map(|i| Record::new("Contact").with("LastName", format!("L{i}"))).collect()
}

/// A record that names only its id.
pub(crate) fn by_id(object: &str, id: &circuit_core::RecordId) -> Record {
    Record::new(object).with_id(id.clone())
}
