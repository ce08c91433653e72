//! `tracing` both ways.

mod collect;
mod span;

use circuit_core::{Circuit, CircuitBuilder, Record, Registry, TriggerRegistration};
use circuit_db::Memory;

/// An engine over an empty memory store.
fn builder(registrations: impl IntoIterator<Item = TriggerRegistration>) -> CircuitBuilder {
    let registry = registrations
        .into_iter()
        .fold(Registry::builder(), circuit_core::RegistryBuilder::register);
    Circuit::builder().registry(registry.build()).backend(Memory::new())
}

fn circuit(registrations: impl IntoIterator<Item = TriggerRegistration>) -> Circuit {
    builder(registrations).build().unwrap()
}

fn contact() -> Vec<Record> {
    vec![Record::new("Contact").with("LastName", "Byron")]
}
