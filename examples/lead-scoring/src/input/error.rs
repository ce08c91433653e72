//! Why an input as a whole can't be read.

use std::fmt;
use std::io;
use std::path::Path;

/// An input that can't be read; the message ends with a way out.
#[derive(Debug)]
pub struct InputError {
    message: String,
    source: Option<io::Error>,
}

const ACCEPTED: &str = "give a .jsonl, .csv or .tsv file, or a folder of GoHighLevel webhook payloads; \
                        without an input the built-in sample is scored";

impl InputError {
    /// Says what the operating system's refusal means for a path.
    pub(crate) fn check<T>(path: &Path, result: io::Result<T>) -> Result<T, Self> {
        result.map_err(|error| {
            let path = path.display();
            let message = match error.kind() {
                io::ErrorKind::NotFound => {
                    return Self::new(format!("there is no file or folder `{path}`: {ACCEPTED}"));
                }
                io::ErrorKind::PermissionDenied => {
                    format!("may not read `{path}`: allow this user to read it, or copy it")
                }
                _ => format!("can't read `{path}`: check that it is a readable file or folder"),
            };
            Self { message, source: Some(error) }
        })
    }

    /// Says that reading failed in the middle.
    pub(crate) fn interrupted(file: &str, line: u64, error: io::Error) -> Self {
        let message = format!(
            "can't read `{file}` any further after line {line}: run again with the same --db once it \
             can be read; leads that are stored already are updated then"
        );
        Self { message, source: Some(error) }
    }

    pub(crate) fn unknown_format(path: &Path) -> Self {
        Self::new(format!(
            "the extension of `{}` doesn't tell its format: add --format jsonl, csv or ghl",
            path.display()
        ))
    }

    pub(crate) fn is_folder(path: &Path) -> Self {
        Self::new(format!(
            "`{}` is a folder: name a file in it, or read its webhook payloads with --format ghl",
            path.display()
        ))
    }

    pub(crate) fn no_payloads(path: &Path) -> Self {
        Self::new(format!(
            "`{}` holds no *.json file: a folder is read as GoHighLevel webhook payloads, one in each \
             *.json file; for other data name a .jsonl or .csv file",
            path.display()
        ))
    }

    pub(crate) fn header(file: &str, problem: &str) -> Self {
        Self::new(format!(
            "`{file}` can't be read as CSV, {problem}: its first line has to name the columns, one of \
             them `id` (README.md lists them)"
        ))
    }

    fn new(message: String) -> Self {
        Self { message, source: None }
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for InputError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}
