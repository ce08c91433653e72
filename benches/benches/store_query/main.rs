//! Queries on stores beside the same work by hand: a closure over the records of memory, and SQL with
//! the driver of SQLite whose rows become the same records.

#![expect(clippy::print_stdout, reason = "a benchmark prints what came out")]

mod data;
mod memory;
mod sqlite;

use std::process::ExitCode;

fn main() -> ExitCode {
    match memory::run().and_then(|()| sqlite::run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("store_query: {error}");
            ExitCode::FAILURE
        }
    }
}

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Shows what a query took beside the hand-written work.
fn show(name: &str, records: usize, circuit: f64, hand: f64) {
    let micros = |nanos: f64| nanos / 1e3;
    println!(
        "{name:<34}{records:>9} records {:>11.1} us by hand {:>11.1} us   {:.2}",
        micros(circuit),
        micros(hand),
        circuit / hand
    );
}
