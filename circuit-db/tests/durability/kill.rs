//! `kill -9` in the middle of writing.

use std::io::{BufRead, BufReader};
use std::time::Duration;

use circuit_db::Synchronous;

use crate::replay::Random;
use crate::writer::{Answered, check, command, read_answer};

/// Kills the writer at a random moment, looks at what it left, and does so again.
pub(crate) fn rounds(rounds: u64) -> u64 {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut random = Random::new(7);
    for round in 0..rounds {
        let file = folder.path().join(format!("{round}.db"));
        let mut child = command(&file, Synchronous::Full, u64::MAX).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let wait = random.below(30);
        let mut answered = Answered::default();
        for _ in 0..=random.below(60) {
            read_answer(&lines.next().unwrap().unwrap(), &mut answered);
        }
        std::thread::sleep(Duration::from_millis(wait));
        child.kill().unwrap();
        child.wait().unwrap();
        // What it still said before it died counts as answered too; a torn line does not.
        for line in lines.map_while(Result::ok) {
            read_answer(&line, &mut answered);
        }
        let seen = runtime.block_on(check(&file, &answered));
        assert_eq!(seen, Ok(()), "round {round}, answered in each lane: {answered:?}");
    }
    rounds
}
