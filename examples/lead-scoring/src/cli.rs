//! The command line.

use std::path::PathBuf;

use clap::Parser;
use lead_scoring::input::Format;

const EXIT_CODES: &str = "\
Exit code: 0 if every lead was stored, 2 if some rows were rejected (the rest is stored), 1 if the job \
could not be done. If the reader of the output goes away, the job ends quietly with 0.";

/// What is asked for.
#[derive(Debug, Parser)]
#[command(name = "lead-scoring", version, after_help = EXIT_CODES)]
#[command(about = "Scores leads with Circuit triggers and stores them in SQLite")]
#[command(long_about = "Scores leads with Circuit triggers and stores them in SQLite.\n\n\
    Every lead becomes a Contact with a score, a grade and a next action; a score of 75 or more \
    makes a Task too. Leads that are in the database already are updated.")]
pub(crate) struct Cli {
    /// A .jsonl, .csv or .tsv file, or a folder of webhook payloads; without it the built-in sample.
    pub(crate) input: Option<PathBuf>,

    /// The database; without it a new one in the folder for temporary files, named at the end.
    #[arg(long, value_name = "FILE")]
    pub(crate) db: Option<PathBuf>,

    /// Prints a line of JSON for each lead and one with the summary.
    #[arg(long)]
    pub(crate) json: bool,

    /// How the input is written; without it the extension tells, and a folder is `ghl`.
    #[arg(long, value_enum, requires = "input")]
    pub(crate) format: Option<Format>,

    /// Reads a custom field of a webhook payload as one of ours; may be given many times.
    #[arg(long = "custom-field", value_name = "ID=FIELD")]
    pub(crate) custom_fields: Vec<String>,

    /// Prints which triggers would run, in their order, and stops.
    #[arg(long)]
    pub(crate) plan: bool,
}
