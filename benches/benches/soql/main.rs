//! How fast queries are parsed and printed, beside a parser that others use.
//!
//! The queries are the valid ones of circuit-soql's tests. The peer, soql-parser-js on Node, gets the
//! same; those that it refuses count for neither. npm puts it under `target/`.

use std::error::Error;
use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use circuit_soql::{Dialect, parse};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const PEER: &str = "@jetstreamapp/soql-parser-js@6.3.1";
const ROUNDS: usize = 200;
const WORST_NANOS: f64 = 1_000.0;
const WANTED_RATIO: f64 = 30.0;

struct Query {
    text: String,
    dialect: Dialect,
}

fn main() -> Result<()> {
    let queries = corpus()?;
    let parsed = best(&queries, |query| {
        black_box(parse(&query.text, query.dialect).is_ok());
    });
    let both = best(&queries, |query| {
        black_box(parse(&query.text, query.dialect).map(|tree| tree.to_string().len()).ok());
    });
    let characters: u32 = queries.iter().filter_map(|q| u32::try_from(q.text.len()).ok()).sum();
    let per_hundred = |times: &[f64]| times.iter().sum::<f64>() * 100.0 / f64::from(characters);
    let mut out = std::io::stdout().lock();
    writeln!(out, "{} queries, {characters} characters, best of {ROUNDS}", queries.len())?;
    writeln!(out, "parse            {:>8.0} ns per 100 characters", per_hundred(&parsed))?;
    writeln!(
        out,
        "parse and print  {:>8.0} ns per 100 characters, at most {WORST_NANOS:.0} wanted",
        per_hundred(&both)
    )?;
    let peer = peer(&queries)?;
    let pairs: Vec<(f64, f64)> =
        both.iter().zip(&peer).filter_map(|(own, peer)| Some((*own, (*peer)?))).collect();
    let own: f64 = pairs.iter().map(|(own, _)| own).sum();
    let others: f64 = pairs.iter().map(|(_, peer)| peer).sum();
    writeln!(
        out,
        "{PEER}: takes {} of them, {:.1} times as long as circuit-soql for these, at least \
         {WANTED_RATIO:.0} wanted",
        pairs.len(),
        others / own
    )?;
    Ok(())
}

/// Returns the least time of each query, in nanoseconds.
fn best(queries: &[Query], run: impl Fn(&Query)) -> Vec<f64> {
    let mut best = vec![f64::INFINITY; queries.len()];
    for _ in 0..ROUNDS {
        for (query, best) in queries.iter().zip(&mut best) {
            let start = Instant::now();
            (0..10).for_each(|_| run(query));
            *best = best.min(start.elapsed().as_secs_f64() * 1e8);
        }
    }
    best
}

fn corpus() -> Result<Vec<Query>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../circuit-soql/tests/corpus/valid.txt");
    let text = std::fs::read_to_string(path)?;
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let queries = lines.filter_map(|line| {
        let (mark, query) = line.split_once(' ')?;
        let dialect = if mark == "R" { Dialect::Rest } else { Dialect::Apex };
        let text = query.replace('\u{2424}', "\n").replace('\u{2409}', "\t");
        Some(Query { text, dialect })
    });
    let queries: Vec<Query> = queries.collect();
    match queries.iter().find(|query| parse(&query.text, query.dialect).is_err()) {
        Some(query) => Err(format!("not taken: {}", query.text).into()),
        None => Ok(queries),
    }
}

/// Returns the peer's time for each query; `None` where it refuses one.
fn peer(queries: &[Query]) -> Result<Vec<Option<f64>>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = here.join("../target/soql-peer");
    std::fs::create_dir_all(&folder)?;
    let install = Command::new("npm")
        .args(["install", "--no-audit", "--no-fund", "--silent", "--prefix"])
        .arg(&folder)
        .arg(PEER)
        .status();
    if !install.is_ok_and(|status| status.success()) {
        return Err("the peer needs Node and npm, which install it from their registry".into());
    }
    let file = folder.join("queries.json");
    let texts: Vec<&str> = queries.iter().map(|query| query.text.as_str()).collect();
    std::fs::write(&file, serde_json::to_string(&texts)?)?;
    let script = here.join("benches/soql/peer.mjs");
    let run = Command::new("node").arg(script).args([&folder, &file]).arg("100").output()?;
    if !run.status.success() {
        return Err(String::from_utf8_lossy(&run.stderr).into());
    }
    Ok(serde_json::from_slice(&run.stdout)?)
}
