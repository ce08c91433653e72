//! Where handlers run: on the host's runtime, or on threads that can be given up.

mod io;
mod job;

pub(crate) use io::{HostStore, on_host};
pub use job::{Job, JobEnd};

use std::fmt::{self, Debug};
use std::future::Future;
use std::pin::Pin;

use async_trait::async_trait;

use crate::error::Result;

/// Work that an executor hands to the host's runtime.
pub type HostWork = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where handlers run.
///
/// # Contract
/// - [`run`](Self::run) polls the job to its end, on any thread, and returns then. If the returned
///   future is dropped, the job is dropped too, as soon as its thread is free.
/// - A job that the watchdog gives up ([`Job::on_given_up`]) is answered at once with
///   [`JobEnd::Lost`], where [`protection`](Self::protection) says so, and its thread is used for no
///   other.
/// - [`on_host`](Self::on_host) runs work where I/O is allowed.
#[async_trait]
pub trait Executor: Debug + Send + Sync + 'static {
    /// Returns what the executor does about handlers that misbehave.
    fn protection(&self) -> Protection;

    /// Runs a job to its end.
    async fn run(&self, job: Job) -> JobEnd;

    /// Runs work on the host's runtime, from a thread that may do no I/O; the answer waits for it.
    fn on_host(&self, work: HostWork) -> HostWork;

    /// Returns whether handlers can run.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) with what is wrong.
    fn health(&self) -> Result<()>;
}

/// What an executor does about handlers that misbehave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Protection {
    /// The executor's name, for logs.
    pub name: &'static str,
    /// Handlers run on threads of their own, which are given up where one is stuck.
    pub own_threads: bool,
    /// What handlers may do besides.
    pub sandbox: Sandbox,
}

/// What handlers are kept from by the operating system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Sandbox {
    /// Nothing.
    #[default]
    None,
    /// Files, TCP connections and starting programs.
    FilesNetworkPrograms,
    /// Files and starting programs; the system cannot keep them from the network.
    FilesPrograms,
}

impl Protection {
    /// Creates the protection of an executor that does nothing about handlers.
    pub fn new(name: &'static str) -> Self {
        Self { name, own_threads: false, sandbox: Sandbox::None }
    }

    /// Says that handlers run on threads of their own.
    #[must_use]
    pub fn with_own_threads(mut self) -> Self {
        self.own_threads = true;
        self
    }

    /// Sets what the operating system keeps handlers from.
    #[must_use]
    pub fn with_sandbox(mut self, sandbox: Sandbox) -> Self {
        self.sandbox = sandbox;
        self
    }
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let threads = if self.own_threads { "given up" } else { "reported only" };
        let sandbox = match self.sandbox {
            Sandbox::None => "not enforced",
            Sandbox::FilesNetworkPrograms => "no files, no TCP, no programs",
            Sandbox::FilesPrograms => "no files, no programs; TCP not enforced",
        };
        write!(f, "{}: stuck handlers are {threads}; sandbox: {sandbox}", self.name)
    }
}

/// Runs handlers where the host awaits the engine: the default.
///
/// Its threads are the host's, so a stuck handler is reported and keeps its thread.
#[derive(Debug, Clone, Copy, Default)]
pub struct Inline;

#[async_trait]
impl Executor for Inline {
    fn protection(&self) -> Protection {
        Protection::new("inline")
    }

    async fn run(&self, job: Job) -> JobEnd {
        job.await;
        JobEnd::Done
    }

    fn on_host(&self, work: HostWork) -> HostWork {
        work
    }

    fn health(&self) -> Result<()> {
        Ok(())
    }
}
