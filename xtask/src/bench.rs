//! `cargo xtask bench`: the benchmarks, in release.

use crate::report::say;
use crate::workspace::{self, Result, Workspace};

/// The targets of benches/ with what they answer.
const BENCHES: &[(&str, &str)] = &[
    ("engine", "100,000 contacts through Circuit and through plain loops"),
    ("semantics", "partial success, sixteen levels of triggers, twenty handlers"),
    ("micro", "one empty trigger, JSON to record and back, build() with 1,000 handlers"),
    ("store_query", "queries on memory and SQLite beside the same work by hand"),
];

/// Runs all benchmarks, or the one named first with the arguments after it.
pub(crate) fn run(workspace: &Workspace, args: &[&str]) -> Result {
    match args {
        [] => BENCHES.iter().try_for_each(|(name, _)| bench(workspace, name, &[])),
        [name, rest @ ..] if BENCHES.iter().any(|(known, _)| known == name) => {
            bench(workspace, name, rest)
        }
        [name, ..] => {
            for (known, about) in BENCHES {
                say(format_args!("{known:<12}{about}"));
            }
            Err(format!("no benchmark `{name}`; those above are there").into())
        }
    }
}

/// By package: a build of the whole workspace would turn on features that a host does not have.
fn bench(workspace: &Workspace, name: &str, rest: &[&str]) -> Result {
    let mut args = vec!["bench", "--package", "circuit-benches", "--bench", name];
    if name == "store_query" {
        args.extend(["--features", "store"]);
    }
    args.push("--");
    workspace::run(workspace.cargo(&args).args(rest))
}
