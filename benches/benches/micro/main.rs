//! Small questions: one empty trigger, JSON to records and back, `build()` with many handlers.

mod build;
mod dispatch;
mod json;

use std::hint::black_box;
use std::process::ExitCode;

use circuit_benches::measure::{self, Counting};
use circuit_benches::say;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> ExitCode {
    match dispatch::run().and_then(|()| json::run()).and_then(|()| build::run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("micro: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns the least CPU time of `passes` runs, in nanoseconds; what `work` returns is dropped
/// outside of the clock.
fn least<I, T>(passes: usize, mut prepare: impl FnMut() -> I, mut work: impl FnMut(I) -> T) -> f64 {
    let mut least = f64::INFINITY;
    for _ in 0..passes {
        let input = prepare();
        let (answer, spent) = measure::time(|| black_box(work(input)));
        drop(answer);
        least = least.min(spent.cpu.as_secs_f64() * 1e9);
    }
    least
}

fn heading(text: &str) {
    say(format_args!("\n{text}"));
}

fn line(name: &str, values: std::fmt::Arguments<'_>) {
    say(format_args!("  {name:<44}{values}"));
}
