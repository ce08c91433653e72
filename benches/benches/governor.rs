//! What it costs to measure and watch handlers: checkpoints in a tight loop, executions with and
//! without.

#![expect(clippy::print_stdout, reason = "a benchmark prints what came out")]

use std::alloc::System;
use std::hint::black_box;

use circuit_alloc::Metered;
use circuit_benches::Result;
use circuit_benches::measure::{in_turns, pass};
use circuit_core::{Circuit, Record, Registry, TriggerEvent, TriggerRegistration};
use circuit_db::Memory;
use tokio::runtime::{Builder, Runtime};

#[global_allocator]
static ALLOCATOR: Metered<System> = Metered::new(System);

const PASSES: usize = 31;

fn main() -> Result<()> {
    checkpoints();
    println!("\nan execution that inserts records, two empty handlers, memory store; nanoseconds");
    for (records, times) in [(1, 4_000), (200, 100)] {
        executions(records, times)?;
    }
    Ok(())
}

fn checkpoints() {
    let peers: [&mut dyn FnMut() -> f64; 2] =
        [&mut || pass(20, || turns(|| ())), &mut || pass(20, || turns(circuit_core::checkpoint))];
    let [without, with] = in_turns(PASSES, peers).map(|loops| loops / f64::from(TURNS));
    println!("one turn of a loop: {without:.2} ns, with a checkpoint {with:.2} ns");
}

const TURNS: u32 = 100_000;

/// A loop whose turns wait for each other, as those of most handlers do.
fn turns(at_head: impl Fn()) -> u64 {
    let mut number = 27_u64;
    for turn in 0..u64::from(TURNS) {
        at_head();
        number = number.wrapping_mul(6_364_136_223_846_793_005).rotate_left(17) ^ turn;
    }
    black_box(number)
}

fn executions(records: usize, times: u32) -> Result<()> {
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let input: Vec<Record> =
        (0..records).map(|i| Record::new("Contact").with("N", i.to_string())).collect();
    let (unwatched, watched) = (circuit(true)?, circuit(false)?);
    let mut bare = inserts(&runtime, &input, times, &unwatched);
    let mut held = inserts(&runtime, &input, times, &watched);
    let [bare, held] = in_turns(PASSES, [&mut bare, &mut held]);
    println!(
        "{records:>4} records: unwatched {bare:>8.0}, watched {held:>8.0}, ratio {:.2}",
        held / bare
    );
    Ok(())
}

fn circuit(unwatched: bool) -> Result<Circuit> {
    let empty =
        |event| TriggerRegistration::sync("Contact", [event], format!("{event}"), |_| Ok(()));
    let registry = Registry::builder()
        .register(empty(TriggerEvent::BeforeInsert))
        .register(empty(TriggerEvent::AfterInsert));
    let builder = Circuit::builder().backend(Memory::new()).registry(registry.build());
    Ok(if unwatched { builder.unwatched() } else { builder }.build()?)
}

/// Deletes nothing: the store grows in both peers alike.
fn inserts<'a>(
    runtime: &'a Runtime,
    input: &'a [Record],
    times: u32,
    circuit: &'a Circuit,
) -> impl FnMut() -> f64 + use<'a> {
    move || pass(times, || runtime.block_on(circuit.insert(input.to_vec())).is_ok())
}
