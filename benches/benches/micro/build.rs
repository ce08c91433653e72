//! `build()` with a thousand handlers.

use circuit_benches::measure::least;
use circuit_benches::{Result, heading, line};
use circuit_core::{Circuit, Registry, TriggerEvent, TriggerRegistration};
use circuit_db::Memory;

const HANDLERS: usize = 1_000;
const OBJECTS: usize = 50;

pub(crate) fn run() -> Result<()> {
    let add = |all: circuit_core::RegistryBuilder, number: usize| all.register(handler(number));
    let registry = || (0..HANDLERS).fold(Registry::builder(), add).build();
    let build =
        |registry: Registry| Circuit::builder().backend(Memory::new()).registry(registry).build();
    build(registry())?;
    let register = least(50, || (), |()| registry());
    let engine = least(50, registry, build);
    heading("an engine with 1,000 handlers on 50 objects; milliseconds");
    line("register and sort", format_args!("{:>9.3}", register / 1e6));
    line("build(): check, catalogue, plan", format_args!("{:>9.3}", engine / 1e6));
    Ok(())
}

fn handler(number: usize) -> TriggerRegistration {
    let events = [
        TriggerEvent::ALL[number % TriggerEvent::ALL.len()],
        TriggerEvent::ALL[(number + 3) % TriggerEvent::ALL.len()],
    ];
    let object = format!("Object{}__c", number % OBJECTS);
    TriggerRegistration::sync(object, events, format!("handler {number}"), |_| Ok(()))
}
