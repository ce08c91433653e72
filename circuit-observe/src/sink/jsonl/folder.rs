//! The folder of files: which one is written, and which ones go.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{Days, NaiveDate};
use circuit_core::Clock;

use super::file::{self, Append};
use super::name::{self, FileName};
use super::{Durability, JsonlConfig};
use crate::sink::Line;
use crate::sink::queue::{Destination, Failure, Queued, Written};

/// How many bytes are written at a time.
const CHUNK: usize = 256 << 10;

type Open = dyn Fn(&Path) -> io::Result<Box<dyn Append>> + Send;

pub(super) struct Folder {
    config: JsonlConfig,
    clock: Arc<dyn Clock>,
    open: Box<Open>,
    current: Option<Current>,
    text: Vec<u8>,
}

/// The file that is written.
struct Current {
    file: Box<dyn Append>,
    path: PathBuf,
    name: FileName,
    len: u64,
    /// Held as long as the file is: nobody else writes in this folder under this prefix.
    _lock: File,
}

impl Folder {
    pub(super) fn new(config: JsonlConfig, clock: Arc<dyn Clock>) -> Self {
        Self { config, clock, open: Box::new(file::open), current: None, text: Vec::new() }
    }

    /// Opens files in another way.
    #[cfg(test)]
    pub(super) fn opened_by(mut self, open: Box<Open>) -> Self {
        self.open = open;
        self
    }

    /// Opens the last file of today; returns whether it had a torn line.
    pub(super) fn begin(&mut self) -> io::Result<bool> {
        fs::create_dir_all(&self.config.folder)?;
        let lock = self.lock()?;
        let today = self.today();
        let last = self.names()?.into_iter().rfind(|name| name.day >= today);
        let name = last.unwrap_or(FileName { day: today, number: 1 });
        let path = name.path(&self.config.folder, &self.config.prefix);
        let (len, was_torn) = file::repair(&path)?;
        let file = (self.open)(&path)?;
        self.current = Some(Current { file, path, name, len, _lock: lock });
        self.retain();
        Ok(was_torn)
    }

    fn lock(&self) -> io::Result<File> {
        let path = self.config.folder.join(format!("{}.lock", self.config.prefix));
        let file = File::options().create(true).append(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => {
                Err(io::Error::new(io::ErrorKind::ResourceBusy, "another sink writes there"))
            }
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn today(&self) -> NaiveDate {
        self.clock.now().date_naive()
    }

    fn names(&self) -> io::Result<Vec<FileName>> {
        name::list(&self.config.folder, &self.config.prefix)
    }

    /// Returns how long the file for the next lines is.
    fn ready(&mut self) -> io::Result<u64> {
        if self.current.as_ref().is_some_and(|current| !current.is_there()) {
            self.current = None;
        }
        if self.current.is_none() {
            self.begin()?;
        }
        let today = self.today();
        if self.current.as_ref().is_some_and(|current| current.name.day < today) {
            self.rotate(FileName { day: today, number: 1 })?;
        }
        Ok(self.current.as_ref().map_or(0, |current| current.len))
    }

    /// Goes on in the next file of the day.
    fn rotate_full(&mut self) -> io::Result<()> {
        let next = |current: &Current| FileName { number: current.name.number + 1, ..current.name };
        match self.current.as_ref().map(next) {
            Some(name) => self.rotate(name),
            None => Ok(()),
        }
    }

    fn rotate(&mut self, name: FileName) -> io::Result<()> {
        self.settle_file()?;
        let path = name.path(&self.config.folder, &self.config.prefix);
        if let Some(current) = &mut self.current {
            let (len, _) = file::repair(&path)?;
            current.file = (self.open)(&path)?;
            (current.path, current.name, current.len) = (path, name, len);
        }
        self.retain();
        Ok(())
    }

    /// Removes files that are too old or too many; one that cannot be removed stays until next
    /// time.
    fn retain(&self) {
        let Ok(names) = self.names() else { return };
        let current = self.current.as_ref().map(|current| current.name);
        let oldest = self.today().checked_sub_days(Days::new(self.config.keep_days.into()));
        let (mut files, mut bytes) = (0, 0);
        for name in names.into_iter().rev() {
            let path = name.path(&self.config.folder, &self.config.prefix);
            files += 1;
            bytes += fs::metadata(&path).map_or(0, |metadata| metadata.len());
            let is_old = oldest.is_some_and(|oldest| name.day < oldest);
            let is_much = files > self.config.keep_files || bytes > self.config.keep_bytes;
            if current != Some(name) && (is_old || is_much) {
                // It may be gone already; what cannot be removed is tried again.
                let _ = fs::remove_file(path);
            }
        }
    }

    /// Renders as many of the first lines as fit behind `len` bytes; returns how many. An empty
    /// file takes a line of any length.
    fn render(&mut self, lines: &[Queued], len: u64) -> usize {
        self.text.clear();
        let room = self.config.max_file_bytes.saturating_sub(len);
        for (count, queued) in lines.iter().enumerate() {
            let before = self.text.len();
            push_line(&mut self.text, &queued.line);
            let is_full = self.text.len() as u64 > room && (count > 0 || len > 0);
            if is_full || before >= CHUNK {
                self.text.truncate(before);
                return count;
            }
        }
        lines.len()
    }

    fn append(&mut self, lines: &[Queued]) -> io::Result<usize> {
        let len = self.ready()?;
        let mut count = self.render(lines, len);
        if count == 0 {
            self.rotate_full()?;
            count = self.render(lines, 0);
        }
        let is_synced = self.config.durability == Durability::Write;
        if let Some(current) = &mut self.current {
            current.append(&self.text, is_synced)?;
        }
        Ok(count)
    }

    fn settle_file(&mut self) -> io::Result<()> {
        match &mut self.current {
            Some(current) if self.config.durability != Durability::System => current.file.sync(),
            _ => Ok(()),
        }
    }

    fn failure(&self, error: &io::Error) -> Failure {
        let folder = self.config.folder.display();
        Failure::new(format!("the log in the folder `{folder}` cannot be written: {error}"))
    }
}

impl Destination for Folder {
    fn write(&mut self, lines: &[Queued]) -> Result<Written, Failure> {
        let answer = self.append(lines);
        if answer.is_err() && !self.current.as_mut().is_some_and(Current::cut_back) {
            // What is torn now is cut off when the file is opened again.
            self.current = None;
        }
        answer.map(Written::all).map_err(|error| self.failure(&error))
    }

    fn settle(&mut self) -> Result<(), Failure> {
        self.settle_file().map_err(|error| self.failure(&error))
    }
}

impl Current {
    /// Somebody may have moved, removed or emptied it.
    fn is_there(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|metadata| metadata.len() == self.len)
    }

    fn append(&mut self, text: &[u8], is_synced: bool) -> io::Result<()> {
        self.file.write_all(text)?;
        if is_synced {
            self.file.sync()?;
        }
        self.len += text.len() as u64;
        Ok(())
    }

    /// Takes back what a failed write has left; says whether that worked.
    fn cut_back(&mut self) -> bool {
        self.file.set_len(self.len).is_ok()
    }
}

fn push_line(text: &mut Vec<u8>, line: &Line) {
    serde_json::to_writer(&mut *text, line).expect("names are texts, and a buffer takes all");
    text.push(b'\n');
}
