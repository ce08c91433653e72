//! Leads from outside: JSON lines, CSV, or a folder of GoHighLevel webhook payloads.
//!
//! Every reader streams: it holds one line, row or payload at a time, and the ids it has seen. A
//! row that can't be used is a [`Rejected`] and never stops the rest.

mod column;
mod csv;
mod error;
mod ghl;
mod jsonl;
mod lines;
mod row;

pub use column::{COLUMNS, Column, Kind, Place};
pub use error::InputError;
pub use ghl::CustomFields;
pub use row::{Lead, Origin, Rejected, Row, Skipped};

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use circuit_core::RecordId;

use column::Problem;
use lines::Lines;

/// How the input is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// One lead as a JSON object on each line.
    Jsonl,
    /// A header row, then one lead in each row; `.tsv` files have tabs between the cells.
    Csv,
    /// A folder of GoHighLevel webhook payloads, one in each `*.json` file.
    Ghl,
}

impl Format {
    /// Tells the format of a path by its extension, or that it is a folder.
    ///
    /// # Errors
    /// If there is nothing at the path or the extension says nothing.
    pub fn of(path: &Path) -> Result<Self, InputError> {
        if InputError::check(path, path.metadata())?.is_dir() {
            return Ok(Self::Ghl);
        }
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        match extension.as_str() {
            "jsonl" | "ndjson" => Ok(Self::Jsonl),
            "csv" | "tsv" => Ok(Self::Csv),
            _ => Err(InputError::unknown_format(path)),
        }
    }
}

/// One kind of input: hands over row after row.
trait Source: Send {
    /// Returns the next row, or `None` at the end.
    fn next_row(&mut self) -> Result<Option<Row>, InputError>;

    /// Returns how much is done, in the unit of [`Reader::total`].
    fn done(&self) -> u64;
}

/// The rows of an input, in its order.
///
/// An error ends it: the input as a whole can't be read any further.
pub struct Reader {
    source: Box<dyn Source>,
    seen: HashSet<RecordId>,
    total: u64,
    ended: bool,
}

impl Reader {
    /// Opens a file or folder.
    ///
    /// # Errors
    /// If it can't be read, or isn't what the format says; the message says what to do.
    pub fn open(path: &Path, format: Format, custom: CustomFields) -> Result<Self, InputError> {
        let metadata = InputError::check(path, path.metadata())?;
        match (format, metadata.is_dir()) {
            (Format::Ghl, true) => {
                let folder = ghl::Payloads::folder(path, custom)?;
                let total = folder.len();
                Ok(Self::new(folder, total))
            }
            (Format::Ghl, false) => Ok(Self::new(ghl::Payloads::file(path, custom)?, 1)),
            (_, true) => Err(InputError::is_folder(path)),
            (_, false) => {
                let file = BufReader::new(InputError::check(path, File::open(path))?);
                let name = path.display().to_string();
                Self::lines(&name, format, delimiter(path), file, metadata.len())
            }
        }
    }

    /// Reads JSON lines that are in memory already; `name` stands for the file in messages.
    pub fn from_jsonl(name: &str, text: &'static [u8]) -> Self {
        let lines = Lines::new(name, Box::new(text));
        Self::new(jsonl::Jsonl::new(lines), text.len() as u64)
    }

    fn lines(
        name: &str,
        format: Format,
        delimiter: u8,
        input: BufReader<impl Read + Send + 'static>,
        total: u64,
    ) -> Result<Self, InputError> {
        let lines = Lines::new(name, Box::new(input));
        Ok(match format {
            Format::Csv => Self::new(csv::Csv::new(lines, delimiter)?, total),
            _ => Self::new(jsonl::Jsonl::new(lines), total),
        })
    }

    fn new(source: impl Source + 'static, total: u64) -> Self {
        Self { source: Box::new(source), seen: HashSet::new(), total, ended: false }
    }

    /// Returns the size of the input: bytes of a file, files of a folder; 0 where it isn't known.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Returns how much of [`total`](Self::total) is done.
    pub fn done(&self) -> u64 {
        self.source.done()
    }

    /// The first row of an id counts; the database would refuse the second.
    fn without_repeats(&mut self, row: Row) -> Row {
        match row {
            Row::Lead(lead) if !self.seen.insert(lead.id.clone()) => {
                let problem = Problem::expected("id", "an id of its own", "one that came before");
                Row::Rejected(lead.origin.rejected(problem))
            }
            row => row,
        }
    }
}

impl Iterator for Reader {
    type Item = Result<Row, InputError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let row = self.source.next_row().transpose();
        self.ended = !matches!(row, Some(Ok(_)));
        row.map(|row| row.map(|row| self.without_repeats(row)))
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("done", &self.done())
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}

fn delimiter(path: &Path) -> u8 {
    let tabs = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("tsv"));
    if tabs { b'\t' } else { b',' }
}
