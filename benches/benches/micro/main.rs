//! Small questions: one empty trigger, JSON to records and back, `build()` with many handlers.

mod build;
mod dispatch;
mod json;

use std::process::ExitCode;

use circuit_benches::measure::Counting;

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
