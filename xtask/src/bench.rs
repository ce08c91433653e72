//! `cargo xtask bench`: the benchmarks, in release.

use crate::postgres::{self, Server};
use crate::report::say;
use crate::soql_compile;
use crate::workspace::{self, Result, Workspace};

/// The targets of benches/ with what they answer.
const BENCHES: &[(&str, &str)] = &[
    ("alloc", "an allocation that is counted, beside one that is not"),
    ("governor", "checkpoints, and executions whose handlers are measured and watched"),
    ("engine", "100,000 contacts through Circuit and through plain loops"),
    ("log", "a log entry to a memory sink and one that is filtered off, beside a plain struct"),
    ("semantics", "partial success, sixteen levels of triggers, twenty handlers"),
    ("soql", "parse and print of circuit-soql, beside soql-parser-js on Node"),
    (JSONL, "a million log entries to files, beside a bare buffered writer"),
    ("micro", "one empty trigger, JSON to record and back, build() with 1,000 handlers"),
    ("store_query", "queries on memory, SQLite and PostgreSQL beside the same work by hand"),
    ("reports", "searches in 1,000,000 log entries, in a file and on PostgreSQL"),
];

/// Those that need a server, with the feature that they need.
const WITH_SERVER: &[(&str, &str)] = &[("store_query", "store"), ("reports", "reports")];

/// The one that needs the sinks.
const JSONL: &str = "jsonl";

/// The one that is no target: it measures the compiler.
const COMPILE: &str = "soql-compile";

/// Runs all benchmarks, or the one named first with the arguments after it.
pub(crate) fn run(workspace: &Workspace, args: &[&str]) -> Result {
    match args {
        [] => {
            BENCHES.iter().try_for_each(|(name, _)| bench(workspace, name, &[]))?;
            soql_compile::run(workspace)
        }
        [COMPILE] => soql_compile::run(workspace),
        [name, rest @ ..] if BENCHES.iter().any(|(known, _)| known == name) => {
            bench(workspace, name, rest)
        }
        [name, ..] => {
            for (known, about) in BENCHES {
                say(format_args!("{known:<14}{about}"));
            }
            say(format_args!(
                "{COMPILE:<14}200 soql! with a describe file of 300 fields, and without"
            ));
            Err(format!("no benchmark `{name}`; those above are there").into())
        }
    }
}

/// By package: a build of the whole workspace would turn on features that a host does not have.
fn bench(workspace: &Workspace, name: &str, rest: &[&str]) -> Result {
    let mut args = vec!["bench", "--package", "circuit-benches", "--bench", name];
    if name == JSONL {
        args.extend(["--features", "observe"]);
    }
    let Some((_, feature)) = WITH_SERVER.iter().find(|(known, _)| *known == name) else {
        args.push("--");
        return workspace::run(workspace.cargo(&args).args(rest));
    };
    args.extend(["--features", feature, "--"]);
    let server = Server::start(workspace)?;
    workspace::run(workspace.cargo(&args).args(rest).env(postgres::VARIABLE, server.url()))
}
