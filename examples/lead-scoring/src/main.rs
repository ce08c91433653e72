//! The host: reads leads, lets the triggers score them, says what came of it.

mod cli;
mod database;
mod failure;
mod host;
mod machine;
mod report;
mod store;
mod tally;
mod usage;

use std::error::Error;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::Parser;

use cli::Cli;
use failure::Failure;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(usage) => {
            // Nothing is left to do where even the help can't be written.
            let _ = usage.print();
            return ExitCode::from(u8::from(usage.use_stderr()));
        }
    };
    let mut out = BufWriter::new(io::stdout());
    match host::run(&cli, &mut out).await {
        Ok(code) => code,
        Err(Failure::OutputClosed) => {
            // What is left in the buffer has no reader; flushing it would fail again.
            let _ = out.into_parts();
            ExitCode::SUCCESS
        }
        Err(Failure::Job(error)) => {
            complain(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

fn complain(error: &dyn Error) {
    let mut text = format!("error: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}\n  caused by: {error}");
        cause = error.source();
    }
    // Nothing is left to do where even the complaint can't be written.
    let _ = writeln!(io::stderr(), "{text}");
}
