//! What the example promises: the score, the inputs, the rows it refuses, the command.

mod command;
mod csv_input;
mod ghl_input;
mod jsonl_input;
mod sample;
mod score;
mod triggers;
mod unreadable;

use std::path::{Path, PathBuf};

use circuit_core::Value;
use lead_scoring::input::{CustomFields, Format, Lead, Reader, Rejected, Row, Skipped};
use tempfile::TempDir;

/// Returns a file of `tests/data`.
fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// A folder with files in it, gone when dropped.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("the system's folder for temporary files is there");
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).expect("a new folder can be written");
    }
    folder
}

/// The rows of an input by kind, each kind in its order.
#[derive(Default)]
struct Rows {
    leads: Vec<Lead>,
    rejected: Vec<Rejected>,
    skipped: Vec<Skipped>,
}

impl Rows {
    fn of(reader: Reader) -> Self {
        let mut rows = Self::default();
        for row in reader {
            match row.expect("the input can be read to its end") {
                Row::Lead(lead) => rows.leads.push(lead),
                Row::Rejected(rejected) => rows.rejected.push(rejected),
                Row::Skipped(skipped) => rows.skipped.push(skipped),
            }
        }
        rows
    }

    fn read(path: &Path) -> Self {
        let format = Format::of(path).expect("the path tells its format");
        Self::of(Reader::open(path, format, CustomFields::default()).expect("the input opens"))
    }

    /// Reads one file of this name and content.
    fn of_file(name: &str, content: impl AsRef<[u8]>) -> Self {
        let folder = folder(&[(name, content.as_ref())]);
        Self::read(&folder.path().join(name))
    }

    fn ids(&self) -> Vec<&str> {
        self.leads.iter().map(|lead| lead.id.as_str()).collect()
    }

    /// The one field of the one lead.
    #[track_caller]
    fn field(&self, name: &str) -> Option<&Value> {
        assert_eq!(self.leads.len(), 1, "one lead was expected: {:?}", self.rejected);
        self.leads[0].record.get(name)
    }

    /// What was refused, each with its line and cause.
    fn refusals(&self) -> Vec<(u64, String)> {
        let line = |rejected: &Rejected| rejected.origin.line.unwrap_or_default();
        self.rejected.iter().map(|rejected| (line(rejected), rejected.cause())).collect()
    }

    /// The cause of the one refusal.
    #[track_caller]
    fn refusal(&self) -> String {
        assert_eq!(self.rejected.len(), 1, "one refusal was expected, got {:?}", self.rejected);
        self.rejected[0].cause()
    }
}
