//! The thread that writes: the destination of a queue like that of the other sinks.

use std::time::{Duration, Instant};

use chrono::Utc;
use circuit_core::{Error, ErrorKind, Result};

use super::backend::Backend;
use super::builder::Settings;
use super::row::Row;
use crate::sink::Line;
use crate::sink::queue::{Batch, Destination, Failure, Queue, Queued, Written, chain};

/// The most reports that are written together, and the bytes beyond which no further one is.
const BATCH: usize = 256;
const BATCH_BYTES: usize = 8 << 20;

/// How often old reports are looked for.
const PRUNE_EVERY: Duration = Duration::from_mins(1);

/// The pause between two portions of them.
const PRUNE_PAUSE: Duration = Duration::from_millis(10);

/// How many are removed at a time.
const PORTION: i64 = 200;

/// How long a store that is dropped waits for what is on its way.
const DROP_WAIT: Duration = Duration::from_secs(5);

pub(super) fn start(backend: impl Backend, settings: &Settings) -> Result<Queue> {
    let retention = settings.retention;
    let writer = Writer { backend, retention, pruned: None };
    let queue = Queue::start("store", settings.queue.clone(), Batch::AT_ONCE, writer)?;
    Ok(queue.with_drop_wait(DROP_WAIT))
}

struct Writer<B> {
    backend: B,
    retention: Duration,
    /// When there were no old reports; `None` while there may be.
    pruned: Option<Instant>,
}

/// How many reports the database refused for what is in them, and why the last one.
type Refused = Option<(u64, Failure)>;

impl<B: Backend> Writer<B> {
    /// Writes rows; of those that are refused as a whole each half by itself, so that none is lost
    /// for another one.
    fn store(&mut self, rows: &[Row]) -> Result<Refused, Failure> {
        match self.backend.write(rows) {
            Ok(()) => Ok(None),
            Err(error) if error.kind() != ErrorKind::InvalidInput => Err(away(&error)),
            Err(error) if rows.len() == 1 => Ok(Some((1, refused(&error)))),
            Err(_) => {
                let (first, second) = rows.split_at(rows.len() / 2);
                let first = self.store(first)?;
                Ok(both(first, self.store(second)?))
            }
        }
    }

    /// Removes some old reports; answers whether there may be more.
    fn prune(&mut self) -> bool {
        let retention = i64::try_from(self.retention.as_micros()).unwrap_or(i64::MAX);
        let before = Utc::now().timestamp_micros().saturating_sub(retention);
        self.backend.prune(before, PORTION).map_or_else(
            |error| {
                let error = chain(&error);
                tracing::warn!(target: "circuit", error, "old reports were not removed");
                false
            },
            |removed| removed > 0,
        )
    }
}

impl<B: Backend> Destination for Writer<B> {
    fn write(&mut self, lines: &[Queued]) -> Result<Written, Failure> {
        let lines = &lines[..batch(lines)];
        let (mut rows, mut lost) = (Vec::new(), None);
        for queued in lines {
            let Line::Execution(report) = &queued.line else { continue };
            match Row::of(report) {
                Ok(row) => rows.push(row),
                Err(error) => lost = both(lost, Some((1, refused(&error)))),
            }
        }
        if !rows.is_empty() {
            lost = both(lost, self.store(&rows)?);
        }
        for queued in lines {
            if let Line::Dropped(dropped) = &queued.line {
                let reports = dropped.count;
                tracing::warn!(target: "circuit", sink = "store", reports, "reports are missing in the store");
            }
        }
        Ok(Written { lines: lines.len(), lost })
    }

    fn settle(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    fn tend(&mut self) -> Option<Duration> {
        if self.pruned.is_none_or(|last| last.elapsed() >= PRUNE_EVERY) {
            self.pruned = (!self.prune()).then(Instant::now);
        }
        Some(if self.pruned.is_some() { PRUNE_EVERY } else { PRUNE_PAUSE })
    }
}

/// Returns how many of the first lines are written together; one at least.
fn batch(lines: &[Queued]) -> usize {
    let mut bytes = 0;
    let fits = lines.iter().take(BATCH).take_while(|queued| {
        let is_first = bytes == 0;
        bytes += queued.bytes();
        is_first || bytes <= BATCH_BYTES
    });
    fits.count()
}

fn both(first: Refused, second: Refused) -> Refused {
    match (first, second) {
        (Some((one, _)), Some((other, why))) => Some((one + other, why)),
        (first, second) => first.or(second),
    }
}

fn refused(error: &dyn std::error::Error) -> Failure {
    Failure::refused("the store of reports refused some").with_cause(error)
}

fn away(error: &Error) -> Failure {
    Failure::new("the store of reports cannot be written").with_cause(error)
}
