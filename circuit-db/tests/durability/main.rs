//! Durable means durable: what was answered as committed is there after a kill and after a power
//! cut, and what was not is not there by halves. Lanes write at once, so that the store commits
//! groups of plans, some of which are refused.
//!
//! The program is its own child: with `CIRCUIT_WRITER` set it writes until it is killed.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
#![expect(clippy::print_stdout, reason = "a test program of its own reports what it saw")]

mod kill;
mod plan;
mod power;
mod replay;
mod writer;

use circuit_db::Synchronous;

fn main() {
    if let Some(file) = std::env::var_os("CIRCUIT_WRITER") {
        writer::write(file.as_ref());
        return;
    }
    let rounds = kill::rounds(50);
    println!("kill -9: {rounds} rounds, every answered commit whole, no other by halves");
    let full = power::cuts(Synchronous::Full, 500);
    println!("power cuts, synchronous=FULL: {} of {} lost a commit", full.lost, full.cuts);
    let normal = power::cuts(Synchronous::Normal, 500);
    println!("power cuts, synchronous=NORMAL: {} of {} lost a commit", normal.lost, normal.cuts);
    assert_eq!(full.lost, 0, "an answered commit was lost");
    assert_eq!(full.torn + normal.torn, 0, "a commit was stored by halves");
    assert!(normal.lost > 0, "the cuts are too gentle: NORMAL must be seen to lose commits");
}
