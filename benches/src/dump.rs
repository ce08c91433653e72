//! What a peer stored, in the form that is compared.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::Result;

/// The stored contacts and tasks, each sorted by contact id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dump {
    contacts: Vec<ContactLine>,
    tasks: Vec<TaskLine>,
}

/// The fields of a contact that the handlers may have changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the fields are the columns of the file")]
pub struct ContactLine {
    pub id: String,
    pub email: String,
    pub source: String,
    pub country: String,
    pub status: String,
}

/// A stored task.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the fields are the columns of the file")]
pub struct TaskLine {
    pub contact_id: String,
    pub score: i64,
    pub grade: String,
    pub next_action: String,
    pub subject: String,
}

impl Dump {
    /// Sorts the lines.
    pub fn new(mut contacts: Vec<ContactLine>, mut tasks: Vec<TaskLine>) -> Self {
        contacts.sort_unstable();
        tasks.sort_unstable();
        Self { contacts, tasks }
    }

    /// Returns the text of contacts.tsv.
    pub fn contacts_tsv(&self) -> String {
        let mut text = String::new();
        for line in &self.contacts {
            let ContactLine { id, email, source, country, status } = line;
            let _ = writeln!(text, "{id}\t{email}\t{source}\t{country}\t{status}");
        }
        text
    }

    /// Returns the text of tasks.tsv.
    pub fn tasks_tsv(&self) -> String {
        let mut text = String::new();
        for line in &self.tasks {
            let TaskLine { contact_id, score, grade, next_action, subject } = line;
            let _ = writeln!(text, "{contact_id}\t{score}\t{grade}\t{next_action}\t{subject}");
        }
        text
    }

    /// Writes both files into a folder, which is made where it is missing.
    ///
    /// # Errors
    /// If the folder or a file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)?;
        fs::write(folder.join("contacts.tsv"), self.contacts_tsv())?;
        fs::write(folder.join("tasks.tsv"), self.tasks_tsv())?;
        Ok(())
    }
}
