//! The run: input in, batches through the triggers, output out.

use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};
use lead_scoring::input::{CustomFields, Format, Lead, Reader, Row};

use crate::cli::Cli;
use crate::database;
use crate::failure::Failure;
use crate::store::{self, Store};
use crate::tally::Tally;
use crate::{machine, report};

/// The leads of one execution: one chunk, as Apex has it.
const BATCH: usize = 200;

/// Some rows were rejected; the rest is stored.
const REJECTED: u8 = 2;

const SAMPLE: &[u8] = include_bytes!("../data/leads.jsonl");
const SAMPLE_NAME: &str = "data/leads.jsonl (built in)";

/// Does what the command line asks for.
///
/// # Errors
/// If the input or the database can't be used, or nobody reads the output any more.
pub(crate) async fn run(cli: &Cli, out: &mut impl Write) -> Result<ExitCode, Failure> {
    if cli.plan {
        writeln!(out, "{}", store::plan()?)?;
        out.flush()?;
        return Ok(ExitCode::SUCCESS);
    }
    let reader = open(cli)?;
    let path = database::choose(cli.db.as_deref())?;
    let store = Store::open(&path).await?;
    let tally =
        Run { cli, out, store: &store, tally: Tally::new(store::limits()) }.all(reader).await?;
    let database = path.canonicalize().unwrap_or(path).display().to_string();
    if cli.json {
        machine::summary(out, &tally, &database)?;
    } else {
        report::print(out, &tally, &input_name(cli), &database)?;
    }
    out.flush()?;
    let code = if tally.rejected.is_empty() { 0 } else { REJECTED };
    Ok(ExitCode::from(code))
}

fn open(cli: &Cli) -> Result<Reader, Failure> {
    let mut custom = CustomFields::default();
    for entry in &cli.custom_fields {
        custom
            .add(entry)
            .map_err(|problem| Failure::message(format!("--custom-field: {problem}")))?;
    }
    let Some(path) = &cli.input else {
        return Ok(Reader::from_jsonl(SAMPLE_NAME, SAMPLE));
    };
    let format = cli.format.map_or_else(|| Format::of(path), Ok)?;
    Ok(Reader::open(path, format, custom)?)
}

fn input_name(cli: &Cli) -> String {
    cli.input.as_ref().map_or_else(|| SAMPLE_NAME.to_owned(), |path| path.display().to_string())
}

/// A run under way.
struct Run<'a, W> {
    cli: &'a Cli,
    out: &'a mut W,
    store: &'a Store,
    tally: Tally,
}

impl<W: Write> Run<'_, W> {
    async fn all(mut self, mut reader: Reader) -> Result<Tally, Failure> {
        let bar = progress(self.cli, reader.total());
        let started = Instant::now();
        loop {
            let batch = self.fill(&mut reader)?;
            if batch.is_empty() {
                break;
            }
            self.save(&batch).await?;
            bar.set_position(reader.done());
        }
        self.tally.time = started.elapsed();
        bar.finish_and_clear();
        Ok(self.tally)
    }

    /// Reads until a batch is full or the input ends.
    fn fill(&mut self, reader: &mut Reader) -> Result<Vec<Lead>, Failure> {
        let mut batch = Vec::with_capacity(BATCH);
        for row in reader {
            match row? {
                Row::Lead(lead) => batch.push(lead),
                Row::Rejected(rejected) => self.tally.rejected.push(rejected),
                Row::Skipped(skipped) => self.tally.skip(skipped),
            }
            if batch.len() == BATCH {
                break;
            }
        }
        Ok(batch)
    }

    async fn save(&mut self, batch: &[Lead]) -> Result<(), Failure> {
        let saved = self.store.save(batch).await?;
        if let Some(usage) = &saved.usage {
            self.tally.usage.add(usage);
        }
        self.tally.rejected.extend(saved.rejected);
        self.tally.tasks += saved.tasks;
        for lead in &saved.scored {
            self.tally.add(lead);
            if self.cli.json {
                machine::lead(self.out, lead)?;
            }
        }
        self.out.flush()?;
        Ok(())
    }
}

fn progress(cli: &Cli, total: u64) -> ProgressBar {
    if cli.json {
        return ProgressBar::hidden();
    }
    // Hidden by itself where standard error is no terminal.
    let bar = ProgressBar::new(total);
    let style = ProgressStyle::with_template("scoring {wide_bar} {percent:>3} %  {eta} left");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}
