//! Queries on stores beside the same work by hand.
//!
//! Memory is measured beside a closure over the same records, SQLite and PostgreSQL beside SQL with
//! the same driver whose rows become the same records with the same versions. The hand-written side
//! has its statements prepared once, its connection open, and the settings of the store's own
//! connection; it binds values and reads columns by their numbers. It knows what a store cannot: that
//! all ids have one form, that no record has fields without a column.
//!
//! SQLite blocks its thread, so an asynchronous host asks on another one: the store does, and by hand
//! a thread has the connection, gets its questions through a channel and answers through another, as
//! `tokio-rusqlite` does. The line below is beside the same on the calling thread, which a host may
//! block only if nothing else waits for it.
//!
//! CPU time of the process counts for memory and SQLite. PostgreSQL works in processes of its own, so
//! there the wall clock counts, with the CPU time of this process beside it. Each figure is the least
//! of several passes. Words after `--` name what is measured: `sqlite`, `postgres list`.

#![expect(clippy::print_stdout, reason = "a benchmark prints what came out")]

mod data;
mod memory;
mod postgres;
mod question;
mod sqlite;

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let all = Wanted(words);
    let memory = if all.wants("memory") { memory::run() } else { Ok(()) };
    match memory.and_then(|()| sqlite::run(&all)).and_then(|()| postgres::run(&all)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("store_query: {error}");
            ExitCode::FAILURE
        }
    }
}

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// What the arguments name; all if there are none.
struct Wanted(Vec<String>);

impl Wanted {
    fn wants(&self, name: &str) -> bool {
        self.0.iter().all(|word| name.contains(word.as_str()))
    }

    /// Returns whether any question of a store may be wanted.
    fn store(&self, name: &str) -> bool {
        self.0.first().is_none_or(|word| word == name)
    }
}

/// Shows what a query took beside the hand-written work, in nanoseconds.
fn show(name: &str, records: usize, circuit: f64, hand: f64) {
    let micros = |nanos: f64| nanos / 1e3;
    println!(
        "{name:<42}{records:>7} records {:>11.1} us by hand {:>11.1} us   {:.2}",
        micros(circuit),
        micros(hand),
        circuit / hand
    );
}
