//! The workers, and what becomes of jobs.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use circuit_core::{
    Error, ErrorKind, Executor, HostWork, Job, JobEnd, Protection, Result, Sandbox,
};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::sandbox::Wanted;
use crate::worker::Worker;

/// How many threads may be lost at a time if nothing else is said.
const MOST_ABANDONED: usize = 4;

/// Runs handlers on threads of their own; one that is stuck is given up.
///
/// Dropping it ends the threads as soon as they are free.
#[derive(Debug)]
pub struct Workers {
    pool: Arc<Pool>,
    host: Handle,
}

#[derive(Debug)]
struct Pool {
    settings: WorkersBuilder,
    workers: Mutex<Vec<Arc<Worker>>>,
    /// The threads that were given up and have not ended yet.
    abandoned: Arc<AtomicUsize>,
    started: AtomicUsize,
    sandbox: Sandbox,
}

/// Builds [`Workers`].
#[derive(Debug, Clone)]
pub struct WorkersBuilder {
    threads: usize,
    most_abandoned: usize,
    sandbox: Wanted,
}

impl WorkersBuilder {
    /// Sets the number of threads, at least 1; without it, twice the processors.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// Sets how many threads may be lost to stuck handlers at a time; without it, 4.
    #[must_use]
    pub fn most_abandoned(mut self, most: usize) -> Self {
        self.most_abandoned = most;
        self
    }

    /// Keeps handlers from files, TCP connections and programs, where the kernel can; where it cannot,
    /// the log says so.
    #[must_use]
    pub fn sandboxed(mut self) -> Self {
        self.sandbox = Wanted::WherePossible;
        self
    }

    /// Keeps handlers from files, TCP connections and programs, or does not start.
    #[must_use]
    pub fn sandboxed_or_fail(mut self) -> Self {
        self.sandbox = Wanted::Always;
        self
    }

    /// Starts the threads. Stores and what handlers do `on_host` run on the runtime that this is
    /// called on.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] outside of a tokio runtime, or if a thread cannot start.
    pub fn start(self) -> Result<Workers> {
        let host = Handle::try_current().map_err(|error| {
            let message = "workers start on the host's tokio runtime, and there is none";
            Error::new(ErrorKind::Configuration, message).with_source(error)
        })?;
        let abandoned = Arc::default();
        let first = Worker::start(1, self.sandbox, &abandoned)?;
        if self.sandbox == Wanted::WherePossible && first.sandbox != Sandbox::FilesNetworkPrograms {
            let enforced = first.sandbox;
            tracing::warn!(target: "circuit", ?enforced, "sandbox of handlers: not enforced in full");
        }
        let pool = Pool {
            sandbox: first.sandbox,
            workers: Mutex::new(vec![first]),
            abandoned,
            started: AtomicUsize::new(1),
            settings: self,
        };
        pool.fill()?;
        Ok(Workers { pool: Arc::new(pool), host })
    }
}

impl Workers {
    /// Starts with as many threads as twice the processors, and no sandbox.
    pub fn builder() -> WorkersBuilder {
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        WorkersBuilder {
            threads: processors * 2,
            most_abandoned: MOST_ABANDONED,
            sandbox: Wanted::No,
        }
    }

    /// Returns how many threads run handlers now.
    pub fn threads(&self) -> usize {
        self.pool.workers().len()
    }

    /// Returns how many threads were given up and are still stuck.
    pub fn abandoned(&self) -> usize {
        self.pool.abandoned.load(Ordering::Relaxed)
    }
}

impl Pool {
    fn workers(&self) -> MutexGuard<'_, Vec<Arc<Worker>>> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts threads until there are as many as wanted, unless too many are lost.
    fn fill(&self) -> Result<()> {
        // The lock is held while a thread starts, so that no two callers start the same one.
        let mut workers = self.workers();
        while workers.len() < self.settings.threads && self.is_healthy() {
            let number = self.started.fetch_add(1, Ordering::Relaxed) + 1;
            workers.push(Worker::start(number, self.settings.sandbox, &self.abandoned)?);
        }
        Ok(())
    }

    fn is_healthy(&self) -> bool {
        self.abandoned.load(Ordering::Relaxed) <= self.settings.most_abandoned
    }

    /// Returns the worker with the fewest jobs.
    fn idlest(&self) -> Option<Arc<Worker>> {
        self.workers().iter().min_by_key(|worker| worker.jobs()).cloned()
    }

    /// Gives a worker up and starts another in its place.
    fn abandon(&self, lost: &Arc<Worker>) {
        let mut workers = self.workers();
        let before = workers.len();
        workers.retain(|worker| !Arc::ptr_eq(worker, lost));
        if workers.len() == before {
            return;
        }
        drop(workers);
        let abandoned = self.abandoned.fetch_add(1, Ordering::Relaxed) + 1;
        lost.give_up();
        if !self.is_healthy() {
            tracing::error!(target: "circuit", abandoned, "too many workers are lost: none is started");
        } else if let Err(error) = self.fill() {
            tracing::error!(target: "circuit", %error, "a lost worker has no successor");
        }
    }
}

#[async_trait]
impl Executor for Workers {
    fn protection(&self) -> Protection {
        Protection::new("workers").with_own_threads().with_sandbox(self.pool.sandbox)
    }

    async fn run(&self, job: Job) -> JobEnd {
        // A thread that was given up may have ended since.
        if let Err(error) = self.pool.fill() {
            tracing::error!(target: "circuit", %error, "a worker is missing");
        }
        let Some(worker) = self.pool.idlest() else {
            return JobEnd::Refused;
        };
        let taken = worker.take_job();
        let (pool, lost) = (Arc::downgrade(&self.pool), Arc::downgrade(&worker));
        job.on_given_up(move || {
            if let (Some(pool), Some(lost)) = (pool.upgrade(), lost.upgrade()) {
                pool.abandon(&lost);
            }
        });
        // Counted until the thread is through with it, also if nobody waits any longer.
        let counted = async move {
            let _taken = taken;
            job.await;
        };
        let mut task = AbortOnDrop(worker.runtime().spawn(counted));
        tokio::select! {
            biased;
            done = &mut task.0 => match done {
                Ok(()) => JobEnd::Done,
                Err(error) if error.is_panic() => JobEnd::Panicked,
                Err(_) => JobEnd::Lost,
            },
            () = worker.ended() => JobEnd::Lost,
        }
    }

    fn on_host(&self, work: HostWork) -> HostWork {
        let mut task = AbortOnDrop(self.host.spawn(work));
        Box::pin(async move {
            // Its own answer says whether it got to its end.
            drop((&mut task.0).await);
        })
    }

    fn health(&self) -> Result<()> {
        if self.pool.is_healthy() {
            return Ok(());
        }
        let message = "too many workers are lost to stuck handlers; restart the process";
        Err(Error::new(ErrorKind::Unavailable, message)
            .with("abandoned", self.abandoned())
            .with("most", self.pool.settings.most_abandoned)
            .with("left", self.threads()))
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        for worker in self.workers().drain(..) {
            worker.end();
        }
    }
}

/// A task that ends with whoever waits for it.
struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
