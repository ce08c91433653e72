//! The steps of `cargo xtask test`, in their order.

use std::time::{Duration, Instant};

use crate::postgres::{self, Server};
use crate::report::say;
use crate::workspace::{Result, Workspace, run};
use crate::{arrows, hygiene, licence, metadata, sizes, sqlx_beside};

struct Step {
    name: &'static str,
    about: &'static str,
    run: fn(&Workspace) -> Result,
}

#[rustfmt::skip]
const STEPS: &[Step] = &[
    Step { name: "fmt", about: "the code is formatted", run: fmt },
    Step { name: "clippy", about: "no warning in any target with all features", run: clippy },
    Step { name: "features", about: "each feature of each library compiles alone", run: features },
    Step { name: "tests", about: "unit, integration and ui tests", run: tests },
    Step { name: "doctests", about: "the examples in the docs", run: doctests },
    Step { name: "docs", about: "the docs build without a warning", run: docs },
    Step { name: "arrows", about: "who may import whom", run: arrows::check },
    Step { name: "licences", about: "licences and bans of deny.toml", run: licence::check },
    Step { name: "sizes", about: "no file is too long", run: sizes::check },
    Step { name: "sqlx-beside", about: "a host may use sqlx beside circuit-db", run: sqlx_beside::check },
    Step { name: "hygiene", about: "no stubs, no ignored tests or examples", run: hygiene::check },
];

/// Runs every step and stops at the first that fails.
pub(crate) fn run_all(workspace: &Workspace) -> Result {
    let start = Instant::now();
    let mut done = Vec::new();
    for step in STEPS {
        done.push((step.name, timed(workspace, step)?));
    }
    say(format_args!("\nall {} steps passed", done.len()));
    for (name, time) in done {
        say(format_args!("  {name:<12}{:>7.1} s", time.as_secs_f64()));
    }
    let total = start.elapsed().as_secs_f64();
    say(format_args!("  {:<12}{total:>7.1} s", "together"));
    Ok(())
}

/// Runs the step with this name.
pub(crate) fn run_one(workspace: &Workspace, name: &str) -> Result {
    let step = STEPS.iter().find(|step| step.name == name);
    let step = step.ok_or_else(|| format!("no step `{name}`; `cargo xtask list` names them"))?;
    timed(workspace, step).map(|_| ())
}

/// Names the steps.
pub(crate) fn list() {
    for step in STEPS {
        say(format_args!("{:<12}{}", step.name, step.about));
    }
}

fn timed(workspace: &Workspace, step: &Step) -> Result<Duration> {
    say(format_args!("\n=== {}: {}", step.name, step.about));
    let start = Instant::now();
    (step.run)(workspace).map_err(|error| {
        format!(
            "step `{}` failed: {error}\n(again: cargo xtask test --only {})",
            step.name, step.name
        )
    })?;
    let time = start.elapsed();
    say(format_args!("=== {}: ok in {:.1} s", step.name, time.as_secs_f64()));
    Ok(time)
}

fn fmt(workspace: &Workspace) -> Result {
    run(&mut workspace.cargo(&["fmt", "--all", "--check"]))
        .map_err(|error| format!("{error}; `cargo fmt --all` formats").into())
}

fn clippy(workspace: &Workspace) -> Result {
    let args = ["clippy", "--workspace", "--all-targets", "--all-features"];
    run(workspace.cargo(&args).args(["--", "-D", "warnings"]))
}

/// Without any feature, then with each one alone: what `cargo hack --each-feature` does.
fn features(workspace: &Workspace) -> Result {
    for package in metadata::read(workspace)? {
        if !package.is_published_library() {
            continue;
        }
        let name = package.name.as_str();
        let base = ["check", "--quiet", "-p", name, "--no-default-features"];
        say(format_args!("{name}: no features"));
        run(&mut workspace.cargo(&base))?;
        for feature in package.features.iter().filter(|f| *f != "default") {
            say(format_args!("{name}: {feature}"));
            run(workspace.cargo(&base).args(["--features", feature]))?;
        }
    }
    Ok(())
}

fn tests(workspace: &Workspace) -> Result {
    let args = ["test", "--workspace", "--all-features"];
    let server = Server::start(workspace)?;
    let targets = ["--lib", "--bins", "--examples", "--tests"];
    run(workspace.cargo(&args).args(targets).env(postgres::VARIABLE, server.url()))
}

fn doctests(workspace: &Workspace) -> Result {
    run(&mut workspace.cargo(&["test", "--workspace", "--all-features", "--doc"]))
}

fn docs(workspace: &Workspace) -> Result {
    let args = ["doc", "--workspace", "--no-deps", "--all-features"];
    run(workspace.cargo(&args).env("RUSTDOCFLAGS", "-D warnings"))
}
