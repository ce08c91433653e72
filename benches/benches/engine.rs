//! 100,000 contacts through Circuit and through plain loops, in one run, with ratios.

use std::num::ParseIntError;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use circuit_benches::measure::{self, Allocated, Counting, Spent};
use circuit_benches::{Dump, Peer, Result, generate, peers, say};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How many contacts the table is about.
const RECORDS: usize = 100_000;
/// How many passes a process runs.
const PASSES: usize = 5;

struct Args {
    rounds: usize,
    large: bool,
    only: Vec<String>,
}

/// What was measured of one peer.
struct Line {
    name: &'static str,
    passes: Vec<Spent>,
    allocated: Allocated,
    records: usize,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("engine: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, peer, records] = words.as_slice()
        && flag == "--round"
    {
        return round(peer, records.parse()?);
    }
    let args = parse(words.into_iter())?;
    let mut peers = peers()?;
    peers.retain(|peer| args.only.is_empty() || args.only.iter().any(|name| name == peer.name()));
    check_answers(&mut peers)?;
    table(&mut peers, RECORDS, args.rounds)?;
    if args.large {
        table(&mut peers, RECORDS / 10, args.rounds)?;
        table(&mut peers, RECORDS * 10, args.rounds.min(2))?;
    }
    Ok(())
}

/// Every peer must store the same before anything is timed.
fn check_answers(peers: &mut [Box<dyn Peer>]) -> Result<()> {
    let rows = generate(RECORDS / 10);
    let mut expected: Option<Dump> = None;
    for peer in peers {
        peer.prepare(&rows)?;
        peer.run()?;
        let dump = peer.dump()?;
        peer.prepare(&[])?;
        if *expected.get_or_insert_with(|| dump.clone()) != dump {
            return Err(format!("{} stored something else than the first peer", peer.name()).into());
        }
    }
    Ok(())
}

/// Each round runs each peer in a process of its own: what one leaves in the allocator's lists
/// would make the next one faster or slower.
fn table(peers: &mut [Box<dyn Peer>], records: usize, rounds: usize) -> Result<()> {
    let rows = generate(records);
    let mut lines = Vec::new();
    for peer in &mut *peers {
        peer.prepare(&rows)?;
        let (summary, allocated) = measure::count(|| peer.run());
        summary?;
        peer.prepare(&[])?;
        lines.push(Line { name: peer.name(), passes: Vec::new(), allocated, records });
    }
    drop(rows);
    for _ in 0..rounds {
        for line in &mut lines {
            line.passes.extend(one_round(line.name, records)?);
        }
    }
    print(&lines, records, rounds * PASSES);
    Ok(())
}

fn one_round(peer: &str, records: usize) -> Result<Vec<Spent>> {
    let mut child = Command::new(std::env::current_exe()?);
    let output =
        child.args(["--round", peer, &records.to_string()]).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("the process of {peer} failed ({})", output.status).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let spent = |line: &str| {
        let (wall, cpu) = line.split_once(' ').ok_or("a line has two numbers")?;
        let nanos = |text: &str| Ok::<_, ParseIntError>(Duration::from_nanos(text.parse()?));
        Ok(Spent { wall: nanos(wall)?, cpu: nanos(cpu)? })
    };
    text.lines().map(spent).collect()
}

/// What the process of a round does: some passes, each on its own line.
fn round(peer: &str, records: usize) -> Result<()> {
    let mut peers = peers()?;
    let peer = peers.iter_mut().find(|one| one.name() == peer).ok_or("no such peer")?;
    let rows = generate(records);
    for _ in 0..PASSES {
        peer.prepare(&rows)?;
        let (summary, spent) = measure::time(|| peer.run());
        summary?;
        say(format_args!("{} {}", spent.wall.as_nanos(), spent.cpu.as_nanos()));
    }
    Ok(())
}

fn print(lines: &[Line], records: usize, passes: usize) {
    say(format_args!(
        "\n{records} contacts, {passes} passes; microseconds and allocations per record"
    ));
    say(format_args!(
        "{:<16}{:>9}{:>12}{:>10}{:>9}{:>13}",
        "peer", "CPU min", "CPU median", "wall min", "ratio", "allocations"
    ));
    let floor = lines.first().map_or(f64::NAN, Line::least);
    for line in lines {
        say(format_args!(
            "{:<16}{:>9.3}{:>12.3}{:>10.3}{:>8.2}x{:>13.2}",
            line.name,
            line.least(),
            line.median(),
            line.least_wall(),
            line.least() / floor,
            line.allocations(),
        ));
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of records are far below 2^52")]
impl Line {
    fn per_record(&self, spent: impl Fn(&Spent) -> f64) -> Vec<f64> {
        let mut all: Vec<f64> = self.passes.iter().map(spent).collect();
        all.sort_unstable_by(f64::total_cmp);
        all.iter().map(|seconds| seconds * 1e6 / self.records as f64).collect()
    }

    fn least(&self) -> f64 {
        let all = self.per_record(|spent| spent.cpu.as_secs_f64());
        all.first().copied().unwrap_or(f64::NAN)
    }

    fn median(&self) -> f64 {
        let all = self.per_record(|spent| spent.cpu.as_secs_f64());
        all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
    }

    fn least_wall(&self) -> f64 {
        let all = self.per_record(|spent| spent.wall.as_secs_f64());
        all.first().copied().unwrap_or(f64::NAN)
    }

    fn allocations(&self) -> f64 {
        self.allocated.times as f64 / self.records as f64
    }
}

fn parse(words: impl Iterator<Item = String>) -> Result<Args> {
    let mut args = Args { rounds: 3, large: false, only: Vec::new() };
    let mut words = words.filter(|word| word != "--bench");
    while let Some(word) = words.next() {
        match word.as_str() {
            "--large" => args.large = true,
            "--rounds" => args.rounds = words.next().ok_or("--rounds needs a number")?.parse()?,
            "--peer" => args.only.push(words.next().ok_or("--peer needs a name")?),
            _ => return Err(format!("unknown option `{word}`").into()),
        }
    }
    Ok(args)
}
