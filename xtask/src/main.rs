//! The project's own commands: `cargo xtask test`, `bench`, `conformance`, `postgres` and `list`.
//!
//! It needs a Rust toolchain, git and, for the tests, PostgreSQL, which root gets from Debian. Advisories are
//! not looked up here: run `cargo deny check` in addition where cargo-deny is at hand; both read
//! deny.toml.

mod arrows;
mod bench;
mod deny;
mod hygiene;
mod licence;
mod metadata;
mod postgres;
mod report;
mod sizes;
mod soql_compile;
mod sqlx_beside;
mod step;
mod workspace;

use std::process::ExitCode;

use report::say;
use workspace::{Result, Workspace};

const USAGE: &str = "\
cargo xtask test                 run every check; stop at the first that fails
cargo xtask test --only STEP     run one of them
cargo xtask list                 name the checks
cargo xtask bench [NAME] [ARGS]  run the benchmarks, or one of them, in release
cargo xtask conformance          write docs/conformance.md from what comes out
cargo xtask postgres COMMAND     run a command that finds a PostgreSQL server for tests";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(format_args!("\nxtask: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Runs every behaviour and claim on each store and writes the page that the tests compare.
fn write_conformance(workspace: &Workspace) -> Result {
    let args = ["test", "-p", "circuit-db", "--all-features", "--test", "conformance_page"];
    let server = postgres::Server::start(workspace)?;
    let mut tests = workspace.cargo(&args);
    workspace::run(tests.env("CIRCUIT_WRITE_PAGE", "1").env(postgres::VARIABLE, server.url()))
}

fn run(args: &[&str]) -> Result {
    match args {
        ["test"] => step::run_all(&Workspace::open()?),
        ["test", "--only", name] => step::run_one(&Workspace::open()?, name),
        ["list"] => {
            step::list();
            Ok(())
        }
        ["bench", rest @ ..] => bench::run(&Workspace::open()?, rest),
        ["conformance"] => write_conformance(&Workspace::open()?),
        ["postgres", words @ ..] => postgres::with(&Workspace::open()?, words),
        [] | ["help" | "--help" | "-h"] => {
            say(format_args!("{USAGE}"));
            Ok(())
        }
        _ => Err(format!("unknown arguments: {}\n\n{USAGE}", args.join(" ")).into()),
    }
}
