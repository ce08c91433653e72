//! Files of lines of JSON in a folder.

mod config;
mod file;
mod folder;
mod name;
#[cfg(test)]
mod tests;

pub use config::{Durability, JsonlConfig};

use std::sync::Arc;

use circuit_core::{Clock, Error, ErrorKind, Result, SystemClock};

use self::folder::Folder;
use super::queue::{Batch, Queue};
use super::queued;

/// A sink that writes files of JSON, a [`Line`](crate::Line) each line.
///
/// The files are called `circuit-2026-11-21-0001.jsonl`, by the day in UTC. A full file is followed
/// by the next number, a new day begins with 1, and a restart goes on with the last file of the
/// day. What a crash left of a last line is cut off then, and a line `dropped` says so. One sink at
/// a time writes under a prefix; the lock is the file `circuit.lock`.
///
/// While the disk is full or the folder cannot be written, lines wait in the queue and are tried
/// again; a folder that was removed is made again.
///
/// # Examples
/// ```
/// use circuit_core::LogSink;
/// use circuit_observe::{Jsonl, JsonlConfig};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let folder = folder.path();
/// let files = Jsonl::open(JsonlConfig::new(folder).with_keep_days(7))?;
/// assert_eq!(files.dropped(), 0);
/// # Ok::<(), circuit_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Jsonl {
    queue: Queue,
}

impl Jsonl {
    /// Opens the folder, creating it if it is not there.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] if the configuration contradicts itself;
    /// [`ErrorKind::Unavailable`] if the folder cannot be written, or another sink writes there.
    pub fn open(config: JsonlConfig) -> Result<Self> {
        Self::open_at(config, Arc::new(SystemClock))
    }

    /// Opens the folder with a clock that says which day it is.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_at(config: JsonlConfig, clock: Arc<dyn Clock>) -> Result<Self> {
        config.check()?;
        let bounds = config.queue.clone();
        let path = config.folder.clone();
        let mut folder = Folder::new(config, clock);
        let was_torn = folder.begin().map_err(|error| {
            Error::new(ErrorKind::Unavailable, "the folder of a log cannot be written")
                .with("folder", path.display())
                .with_source(error)
        })?;
        let queue = Queue::start("jsonl", bounds, Batch::AT_ONCE, folder)?;
        if was_torn {
            queue.missing(1);
        }
        Ok(Self { queue })
    }
}

queued!(Jsonl);
