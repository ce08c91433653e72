//! One peer of the engine benchmark as a program: a JSON line per pass.

use std::path::PathBuf;
use std::process::ExitCode;

use circuit_benches::{Lead, Peer, Result, generate, measure, peers, say};

const USAGE: &str = "w4 [--data FILE.tsv] [--passes 5] [--dump DIR] [--peer NAME]";

/// How many contacts are made where no file is given.
const RECORDS: usize = 100_000;

struct Args {
    data: Option<PathBuf>,
    passes: usize,
    dump: Option<PathBuf>,
    peer: String,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("w4: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let args = parse(std::env::args().skip(1))?;
    let rows = match &args.data {
        Some(file) => Lead::parse_file(&std::fs::read_to_string(file)?)?,
        None => generate(RECORDS),
    };
    let mut peers = peers()?;
    let peer = peers.iter_mut().find(|peer| peer.name() == args.peer);
    let peer = peer.ok_or_else(|| format!("no peer `{}`", args.peer))?;
    for pass in 1..=args.passes {
        measure_pass(peer.as_mut(), pass, &rows)?;
    }
    match &args.dump {
        Some(folder) => peer.dump()?.write(folder),
        None => Ok(()),
    }
}

fn measure_pass(peer: &mut dyn Peer, pass: usize, rows: &[Lead]) -> Result<()> {
    peer.prepare(rows)?;
    let (summary, spent) = measure::time(|| peer.run());
    let summary = summary?;
    say(format_args!(
        r#"{{"peer":"{}","pass":{pass},"records":{},"tasks":{},"score_sum":{},"wall_s":{:.6},"cpu_s":{:.6}}}"#,
        peer.name(),
        summary.records,
        summary.tasks,
        summary.score_sum,
        spent.wall.as_secs_f64(),
        spent.cpu.as_secs_f64(),
    ));
    Ok(())
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Args> {
    let mut args = Args { data: None, passes: 5, dump: None, peer: "circuit".to_owned() };
    while let Some(name) = words.next() {
        let value = words.next().ok_or(USAGE)?;
        match name.as_str() {
            "--data" => args.data = Some(value.into()),
            "--dump" => args.dump = Some(value.into()),
            "--peer" => args.peer = value,
            "--passes" => args.passes = value.parse().map_err(|_| USAGE)?,
            _ => return Err(format!("unknown option `{name}`; {USAGE}").into()),
        }
    }
    Ok(args)
}
