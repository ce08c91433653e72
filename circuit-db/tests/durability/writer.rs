//! The child: lanes commit numbered plans at once and say so, one line after each answer.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use circuit_core::{CircuitDB, CommitOutcome, Query};
use circuit_db::{Sqlite, SqliteBuilder, Synchronous};

use crate::plan::{self, LANES, Lane};

/// The last plan of each lane that was answered.
pub(crate) type Answered = [u64; LANES];

/// Returns the command that runs this program as the child.
pub(crate) fn command(file: &Path, level: Synchronous, plans: u64) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .env("CIRCUIT_WRITER", file)
        .env("CIRCUIT_LEVEL", format!("{level:?}"))
        .env("CIRCUIT_PLANS", plans.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    command
}

/// Reads a line of the child; a torn one says nothing.
pub(crate) fn read_answer(line: &str, answered: &mut Answered) {
    let numbers: Option<(usize, u64)> = line
        .strip_suffix('.')
        .and_then(|line| line.split_once(' '))
        .and_then(|(lane, number)| Some((lane.parse().ok()?, number.parse().ok()?)));
    if let Some((lane, number)) = numbers {
        answered[lane] = answered[lane].max(number);
    }
}

/// Commits plans `1..` in each lane and prints each that was answered.
pub(crate) fn write(file: &Path) {
    let level = match std::env::var("CIRCUIT_LEVEL").as_deref() {
        Ok("Normal") => Synchronous::Normal,
        _ => Synchronous::Full,
    };
    let plans: u64 = std::env::var("CIRCUIT_PLANS").unwrap().parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let builder = plan::schemas().into_iter().fold(Sqlite::builder(), SqliteBuilder::schema);
        let store = Arc::new(builder.synchronous(level).open(file).await.unwrap());
        let set = tokio::task::LocalSet::new();
        for lane in 0..LANES {
            set.spawn_local(run(Arc::clone(&store), lane, plans));
        }
        set.await;
    });
}

async fn run(store: Arc<Sqlite>, lane: usize, plans: u64) {
    for number in 1..=plans {
        let plan = plan::plan(&store, lane, number).await;
        // A plan that is refused goes along, mostly in the same group.
        let (outcome, second) =
            tokio::join!(store.commit(plan), store.commit(plan::refused(lane, number)));
        let outcome = outcome.unwrap();
        assert!(matches!(outcome, CommitOutcome::Committed { .. }), "{outcome:?}");
        assert!(matches!(second, Ok(CommitOutcome::Refused(_))), "{second:?}");
        let mut out = std::io::stdout().lock();
        writeln!(out, "{lane} {number}.").unwrap();
        out.flush().unwrap();
    }
}

/// What is wrong with a file.
#[derive(Debug, PartialEq)]
pub(crate) enum Problem {
    /// Plans that were answered are missing; those that are there are whole.
    Lost(String),
    /// A plan is there by halves, or the file cannot be read.
    Torn(String),
}

impl From<circuit_core::Error> for Problem {
    fn from(error: circuit_core::Error) -> Self {
        Self::Torn(format!("{error:?}"))
    }
}

/// Checks a file: every plan that was answered is whole, every other whole or absent.
pub(crate) async fn check(file: &Path, answered: &Answered) -> Result<(), Problem> {
    let store = Sqlite::open(file).await?;
    if store.query(&Query::of("Never").count()).await?.count != 0 {
        return Err(Problem::Torn("a plan that was refused is stored by halves".to_owned()));
    }
    let mut lanes: [Lane; LANES] = Default::default();
    for stored in store.query(&Query::of("Run")).await?.records {
        let (lane, state): (i64, String) =
            (stored.record.read("Lane")?, stored.record.read("State")?);
        let own = stored.record.id().unwrap().to_string();
        lanes[usize::try_from(lane).unwrap()].insert(own, (state, false));
    }
    let mut missing = None;
    for (lane, found) in lanes.into_iter().enumerate() {
        let last = check_lane(&store, lane, found).await?;
        let said = answered[lane];
        if last < said || last > said + 1 {
            missing =
                Some(format!("lane {lane}: plan {said} was answered, {last} is the last there"));
        }
    }
    missing.map_or(Ok(()), |missing| Err(Problem::Lost(missing)))
}

/// Checks that a lane holds what its last plan left, and returns that plan.
async fn check_lane(store: &Sqlite, lane: usize, mut found: Lane) -> Result<u64, Problem> {
    let counter = store.query(&Query::of(plan::counter(lane))).await?.records.pop();
    let number = counter.map_or(Ok(0), |stored| stored.record.read::<i64>("Number"))?;
    let last = u64::try_from(number).unwrap();
    let wanted = plan::expected(lane, last);
    for (name, _) in wanted.iter().filter(|(_, (_, deleted))| *deleted) {
        if let Some(bin) = plan::find(store, "Run", plan::id(name), true).await {
            found.insert(name.clone(), (bin.record.read("State")?, true));
        }
    }
    if found == wanted {
        return Ok(last);
    }
    Err(Problem::Torn(format!("lane {lane} is not what plan {last} left: {found:?}")))
}
