//! Sixteen levels of triggers, beside sixteen calls one after the other.

use circuit_benches::measure::least;
use circuit_benches::{Result, heading, line};
use circuit_core::{Circuit, Execution, Record, Registry, TriggerEvent, TriggerRegistration};
use circuit_db::Memory;
use tokio::runtime::{Builder, Runtime};

const LEVELS: i64 = 16;
const EXECUTIONS: usize = 2_000;
const PASSES: usize = 11;

pub(crate) fn run() -> Result<()> {
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let flat = time(&runtime, 1, LEVELS)?;
    let deep = time(&runtime, LEVELS, 1)?;
    heading(
        "sixteen inserts of one record in an execution, one handler each; nanoseconds an insert",
    );
    line("one after the other, depth 1", format_args!("{flat:>9.0}"));
    line("each inside the one before, depth 16", format_args!("{deep:>9.0}{:>9.2}x", deep / flat));
    Ok(())
}

/// Each record inserts another until the levels are reached.
fn chain(levels: i64) -> TriggerRegistration {
    TriggerRegistration::new("Node", [TriggerEvent::AfterInsert], "chain", move |ctx| {
        Box::pin(async move {
            let level: i64 = ctx.try_new_records()?[0].read("Level")?;
            if level < levels {
                ctx.insert(Record::new("Node").with("Level", level + 1)).await?;
            }
            Ok(())
        })
    })
}

fn time(runtime: &Runtime, levels: i64, calls: i64) -> Result<f64> {
    let registry = Registry::builder().register(chain(levels)).build();
    let prepare = || Circuit::builder().backend(Memory::new()).registry(registry.clone()).build();
    let work = |circuit: circuit_core::Result<Circuit>| {
        let circuit = circuit?;
        let code = |execution: Execution| async move {
            for _ in 0..calls {
                execution.insert(Record::new("Node").with("Level", 1)).await?;
            }
            Ok(())
        };
        for _ in 0..EXECUTIONS {
            runtime.block_on(circuit.run(code))?;
        }
        Ok::<_, circuit_core::Error>(circuit)
    };
    work(prepare())?;
    Ok(least(PASSES, prepare, work) / 32_000.0)
}
