//! What Apex's semantics cost: partial success, depth, many handlers. Each beside a floor.

mod depth;
mod handlers;
mod partial;

use std::process::ExitCode;

fn main() -> ExitCode {
    match partial::run().and_then(|()| depth::run()).and_then(|()| handlers::run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("semantics: {error}");
            ExitCode::FAILURE
        }
    }
}
