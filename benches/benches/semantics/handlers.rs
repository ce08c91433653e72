//! Twenty handlers on one event: what each further empty one costs a record.

use circuit_benches::measure::least;
use circuit_benches::{Result, heading, line};
use circuit_core::{Circuit, Record, Registry, RegistryBuilder, TriggerEvent, TriggerRegistration};
use circuit_db::Memory;
use tokio::runtime::{Builder, Runtime};

const EXECUTIONS: usize = 200;
const CHUNK: usize = 200;
const PASSES: usize = 11;

pub(crate) fn run() -> Result<()> {
    let runtime = Builder::new_current_thread().enable_time().build()?;
    heading("chunks of 200 records, empty handlers after the insert; nanoseconds a record");
    let (mut one, mut twenty, mut reading) = (f64::INFINITY, f64::INFINITY, f64::INFINITY);
    // In turns, so that none finds the allocator as the others never do.
    for _ in 0..4 {
        one = one.min(time(&runtime, 1, false)?);
        twenty = twenty.min(time(&runtime, 20, false)?);
        reading = reading.min(time(&runtime, 20, true)?);
    }
    line("1 handler", format_args!("{one:>9.0}"));
    line("20 handlers", format_args!("{twenty:>9.0}"));
    line("so each further one", format_args!("{:>9.1}", (twenty - one) / 19.0));
    line("each one that asks for the records", format_args!("{:>9.1}", (reading - one) / 19.0));
    line("goal", format_args!("{:>19}", "under 100"));
    Ok(())
}

fn time(runtime: &Runtime, handlers: usize, read: bool) -> Result<f64> {
    let handler = |number: usize| {
        let name = format!("handler {number}");
        TriggerRegistration::sync("Contact", [TriggerEvent::AfterInsert], name, move |ctx| {
            if read {
                std::hint::black_box(ctx.try_new_records()?);
            }
            Ok(())
        })
    };
    let registry = (0..handlers).map(handler).fold(Registry::builder(), RegistryBuilder::register);
    let registry = registry.build();
    let records = vec![Record::new("Contact").with("Email", "ada@example.com"); CHUNK];
    let prepare = || {
        let circuit = Circuit::builder().backend(Memory::new()).registry(registry.clone()).build();
        (circuit, vec![records.clone(); EXECUTIONS])
    };
    let work = |(circuit, inputs): (circuit_core::Result<Circuit>, Vec<Vec<Record>>)| {
        let circuit = circuit?;
        for input in inputs {
            runtime.block_on(circuit.insert(input))?;
        }
        Ok::<_, circuit_core::Error>(circuit)
    };
    work(prepare())?;
    Ok(least(PASSES, prepare, work) / 40_000.0)
}
