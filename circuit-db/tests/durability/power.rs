//! Simulated power cuts: what was synced stays, of the rest a random part, shuffled and torn.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use circuit_db::Synchronous;

use crate::plan::LANES;
use crate::replay::{Disk, Op, Random, read_log};
use crate::writer::{Answered, Problem, check, command, read_answer};

/// What the cuts of one level came to.
pub(crate) struct Report {
    pub(crate) cuts: usize,
    pub(crate) lost: usize,
    pub(crate) torn: usize,
}

/// The plans of each lane of the recorded run; enough for several checkpoints of the log.
const PLANS: u64 = 60;

/// Records one run of the writer, then cuts the power at random moments of it.
pub(crate) fn cuts(level: Synchronous, cuts: usize) -> Report {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let ops = record(folder.path(), level);
    let mut random = Random::new(11);
    let mut moments: Vec<usize> = (0..cuts).map(|_| random.below_len(ops.len())).collect();
    moments.sort_unstable();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (mut disk, mut at) = (Disk::default(), 0);
    let mut report = Report { cuts, lost: 0, torn: 0 };
    let mut answered = Answered::default();
    let image = folder.path().join("image");
    for moment in moments {
        for op in &ops[at..moment] {
            match op {
                Op::Said(text) => text.lines().for_each(|line| read_answer(line, &mut answered)),
                op => disk.apply(op),
            }
        }
        at = moment;
        disk.crash(&image, &mut random);
        let seen = runtime.block_on(check(&image.join("crm.db"), &answered));
        match &seen {
            Ok(()) => continue,
            Err(Problem::Lost(_)) => report.lost += 1,
            Err(Problem::Torn(_)) => report.torn += 1,
        }
        if level == Synchronous::Full {
            println!("cut at operation {moment}: {seen:?}");
        }
    }
    report
}

/// Runs the writer under the shim and returns everything that reached its files, in order.
fn record(folder: &Path, level: Synchronous) -> Vec<Op> {
    let files = folder.join("files");
    std::fs::create_dir(&files).unwrap();
    let log = folder.join("log");
    let mut child = command(&files.join("crm.db"), level, PLANS)
        .env("LD_PRELOAD", shim(folder))
        .env("SHIM_FOLDER", &files)
        .env("SHIM_LOG", &log)
        .spawn()
        .unwrap();
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(child.wait().unwrap().success(), "the writer failed under the shim");
    let plans = usize::try_from(PLANS).unwrap() * LANES;
    assert_eq!(said.lines().count(), plans);
    let ops = read_log(&std::fs::read(log).unwrap());
    let syncs = ops.iter().filter(|op| matches!(op, Op::Sync { .. })).count();
    let answers = ops.iter().filter(|op| matches!(op, Op::Said(_))).count();
    assert!(syncs > 0 && answers == plans, "the shim saw {syncs} syncs and {answers} answers");
    // Each commit syncs the log once, so with fewer syncs than answers some commits were groups.
    assert!(syncs < answers, "{syncs} syncs for {answers} plans: they were not grouped");
    ops
}

/// Compiles the shim; SQLite is compiled here too, so a C compiler is there.
fn shim(folder: &Path) -> PathBuf {
    let library = folder.join("shim.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/durability/shim.c");
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let done = Command::new(&compiler)
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&library)
        .arg(&source)
        .args(["-ldl", "-lpthread"])
        .status();
    assert!(
        done.is_ok_and(|status| status.success()),
        "`{compiler}` could not compile {}; install a C compiler or name one in CC",
        source.display()
    );
    library
}
