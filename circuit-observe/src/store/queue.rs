//! The two threads of a store: one writes, one reads.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use chrono::Utc;
use circuit_core::{Error, ErrorKind, ExecutionReport, Result};
use tokio::sync::oneshot;

use super::backend::Backend;
use super::builder::Settings;
use super::row::Row;

/// The most reports that are written together.
const BATCH: usize = 256;

/// The waits between tries of a batch; after the last one it is dropped.
const WAITS: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_secs(1), Duration::from_secs(5)];

/// How often old reports are looked for.
const PRUNE_EVERY: Duration = Duration::from_mins(1);

/// The pause between two portions of them.
const PRUNE_PAUSE: Duration = Duration::from_millis(10);

/// How many are removed at a time.
const PORTION: i64 = 200;

/// How long a store that is dropped waits for its last batch.
const DROP_WAIT: Duration = Duration::from_secs(5);

enum Job {
    Report(Arc<ExecutionReport>),
    Flush(oneshot::Sender<Result<()>>),
}

/// The bounded queue before the thread that writes.
pub(super) struct Writer {
    jobs: Option<Sender<Job>>,
    shared: Arc<Shared>,
    /// Ends with the thread.
    over: Mutex<Receiver<()>>,
}

#[derive(Default)]
struct Shared {
    queued: AtomicUsize,
    most: usize,
    dropped: AtomicU64,
}

impl Writer {
    pub(super) fn start(backend: impl Backend, settings: &Settings) -> Result<Self> {
        let (jobs, waiting) = mpsc::channel();
        let (ended, over) = mpsc::channel::<()>();
        let shared = Arc::new(Shared { most: settings.queue, ..Shared::default() });
        let work = Work {
            backend,
            waiting,
            shared: Arc::clone(&shared),
            retention: settings.retention,
            pruned: None,
            lost: None,
        };
        spawn("circuit-reports", move || {
            work.run();
            drop(ended);
        })?;
        Ok(Self { jobs: Some(jobs), shared, over: Mutex::new(over) })
    }

    /// Takes a report, or drops and counts it.
    pub(super) fn push(&self, report: &Arc<ExecutionReport>) {
        let shared = &self.shared;
        let taken = shared.queued.fetch_update(Ordering::AcqRel, Ordering::Acquire, |queued| {
            (queued < shared.most).then_some(queued + 1)
        });
        let job = || Job::Report(Arc::clone(report));
        let sent = taken.is_ok() && self.jobs.as_ref().is_some_and(|jobs| jobs.send(job()).is_ok());
        if !sent {
            shared.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn dropped(&self) -> u64 {
        self.shared.dropped.load(Ordering::Relaxed)
    }

    pub(super) async fn flush(&self) -> Result<()> {
        let (told, answer) = oneshot::channel();
        self.jobs.as_ref().ok_or_else(gone)?.send(Job::Flush(told)).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        let over = self.over.get_mut().unwrap_or_else(PoisonError::into_inner);
        if over.recv_timeout(DROP_WAIT) == Err(RecvTimeoutError::Timeout) {
            tracing::warn!(target: "circuit", "reports were still on their way to the store");
        }
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
    let spawned = thread::Builder::new().name(name.to_owned()).spawn(work);
    spawned.map(drop).map_err(|error| {
        Error::new(ErrorKind::Unavailable, "the store of reports has no thread").with_source(error)
    })
}

fn gone() -> Error {
    Error::new(ErrorKind::Unavailable, "the thread of the store of reports has ended")
}

/// What the writing thread has.
struct Work<B> {
    backend: B,
    waiting: Receiver<Job>,
    shared: Arc<Shared>,
    retention: Duration,
    /// When there were no old reports; `None` while there may be.
    pruned: Option<Instant>,
    /// Why the last batch was dropped, for the next flush.
    lost: Option<Error>,
}

impl<B: Backend> Work<B> {
    fn run(mut self) {
        loop {
            self.prune();
            let wait = if self.pruned.is_some() { PRUNE_EVERY } else { PRUNE_PAUSE };
            match self.waiting.recv_timeout(wait) {
                Ok(first) => self.take(first),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Writes what waits, up to a batch; a flush ends it.
    fn take(&mut self, first: Job) {
        let mut rows = Vec::new();
        let mut next = Some(first);
        while let Some(job) = next {
            match job {
                Job::Report(report) => {
                    self.shared.queued.fetch_sub(1, Ordering::AcqRel);
                    rows.extend(Row::of(&report).map_err(|error| self.lose(1, &error)));
                }
                Job::Flush(told) => {
                    self.write(&rows);
                    // Who asked may not wait any more.
                    drop(told.send(self.lost.take().map_or(Ok(()), Err)));
                    return;
                }
            }
            next = if rows.len() < BATCH { self.waiting.try_recv().ok() } else { None };
        }
        self.write(&rows);
    }

    fn write(&mut self, rows: &[Row]) {
        if rows.is_empty() {
            return;
        }
        let mut waits = WAITS.iter();
        while let Err(error) = self.backend.write(rows) {
            match waits.next() {
                Some(wait) => thread::sleep(*wait),
                None => return self.lose(rows.len() as u64, &error),
            }
        }
    }

    fn lose(&mut self, reports: u64, error: &dyn std::error::Error) {
        self.shared.dropped.fetch_add(reports, Ordering::Relaxed);
        tracing::warn!(target: "circuit", reports, %error, "reports were not stored");
        let message = "reports were not stored";
        self.lost = Some(
            Error::new(ErrorKind::Unavailable, message)
                .with("reports", reports)
                .with_source(error.to_string()),
        );
    }

    /// Removes old reports, some at a time, while nothing else is to do.
    fn prune(&mut self) {
        if self.pruned.is_some_and(|last| last.elapsed() < PRUNE_EVERY) {
            return;
        }
        let retention = i64::try_from(self.retention.as_micros()).unwrap_or(i64::MAX);
        let before = Utc::now().timestamp_micros().saturating_sub(retention);
        match self.backend.prune(before, PORTION) {
            // There may be more: after what waits now.
            Ok(removed) if removed > 0 => self.pruned = None,
            Ok(_) => self.pruned = Some(Instant::now()),
            Err(error) => {
                self.pruned = Some(Instant::now());
                tracing::warn!(target: "circuit", %error, "old reports were not removed");
            }
        }
    }
}

type Question = Box<dyn FnOnce(&mut dyn Backend) + Send>;

/// The thread that reads.
pub(super) struct Reader {
    questions: Sender<Question>,
}

impl Reader {
    pub(super) fn start(mut backend: impl Backend) -> Result<Self> {
        let (questions, waiting) = mpsc::channel::<Question>();
        spawn("circuit-search", move || {
            for question in waiting {
                question(&mut backend);
            }
        })?;
        Ok(Self { questions })
    }

    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut dyn Backend) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (told, answer) = oneshot::channel();
        // Who asked may not wait any more.
        let question: Question = Box::new(move |backend| drop(told.send(question(backend))));
        self.questions.send(question).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}
