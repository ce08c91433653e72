//! One record, one execution, with and without an empty trigger.

use circuit_benches::measure::least;
use circuit_benches::{Result, heading, line};
use circuit_core::{Circuit, Record, Registry, TriggerEvent, TriggerRegistration};
use circuit_db::Memory;
use tokio::runtime::{Builder, Runtime};

/// How many executions a pass has, each of one record.
const EXECUTIONS: usize = 10_000;
const PASSES: usize = 15;

pub(crate) fn run() -> Result<()> {
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let before = empty(TriggerEvent::BeforeInsert);
    let after = empty(TriggerEvent::AfterInsert);
    let without = insert_one_by_one(&runtime, &[])?;
    let with_before = insert_one_by_one(&runtime, std::slice::from_ref(&before))?;
    let with_both = insert_one_by_one(&runtime, &[before, after])?;
    heading("one record inserted in an execution of its own, memory store; nanoseconds");
    line("no trigger: id, governor, log, save, commit", format_args!("{without:>9.0}"));
    line("one empty trigger before", format_args!("{with_before:>9.0}"));
    line("one empty trigger before, one after", format_args!("{with_both:>9.0}"));
    line("so one trigger costs", format_args!("{:>9.0}", (with_both - without) / 2.0));
    Ok(())
}

fn empty(event: TriggerEvent) -> TriggerRegistration {
    TriggerRegistration::sync("Contact", [event], format!("empty {event}"), |_| Ok(()))
}

fn insert_one_by_one(runtime: &Runtime, handlers: &[TriggerRegistration]) -> Result<f64> {
    let records: Vec<Record> = (0..EXECUTIONS).map(contact).collect::<Result<_>>()?;
    let registry = handlers.iter().fold(Registry::builder(), |all, one| all.register(one.clone()));
    let registry = registry.build();
    let engine = || {
        let builder = Circuit::builder().backend(Memory::new()).registry(registry.clone());
        (builder.build(), records.clone())
    };
    let work = |(circuit, records): (circuit_core::Result<Circuit>, Vec<Record>)| {
        let circuit = circuit?;
        for record in records {
            runtime.block_on(circuit.insert(record))?;
        }
        Ok::<_, circuit_core::Error>(circuit)
    };
    let (circuit, input) = engine();
    work((circuit, input))?;
    Ok(least(PASSES, engine, work) / 10_000.0)
}

fn contact(number: usize) -> Result<Record> {
    let id = format!("c{number:06}").parse()?;
    Ok(Record::new("Contact").with_id(id).with("Email", "ada@example.com").with("Score", 1))
}
