//! One thread with a runtime of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use circuit_core::{Error, ErrorKind, Result, Sandbox};
use tokio::runtime::{Builder, Handle};
use tokio::sync::watch;

use crate::sandbox::{Wanted, restrict};

/// A thread that runs handlers.
#[derive(Debug)]
pub(crate) struct Worker {
    runtime: Handle,
    /// The jobs that it has.
    jobs: AtomicUsize,
    state: watch::Sender<State>,
    pub(crate) sandbox: Sandbox,
}

/// Whether a worker takes jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    /// The pool is gone.
    Ended,
    /// A handler was stuck in it.
    GivenUp,
}

impl Worker {
    /// Starts a thread; one that was given up is counted in `abandoned` until it ends.
    pub(crate) fn start(
        number: usize,
        wanted: Wanted,
        abandoned: &Arc<AtomicUsize>,
    ) -> Result<Arc<Self>> {
        let (state, mut states) = watch::channel(State::Running);
        let abandoned = Arc::clone(abandoned);
        let (tell, told) = mpsc::channel();
        let run = move || {
            let started = restricted(wanted).and_then(|sandbox| {
                let mut runtime = Builder::new_current_thread();
                // A sandbox leaves no I/O to wait for.
                let runtime = match wanted {
                    Wanted::No => runtime.enable_all().build(),
                    _ => runtime.enable_time().build(),
                };
                Ok((sandbox, runtime.map_err(|error| failed("has no runtime", error))?))
            });
            match started {
                Ok((sandbox, runtime)) => {
                    // Nobody to be told, or nobody left to say so: the pool is gone.
                    drop(tell.send(Ok((sandbox, runtime.handle().clone()))));
                    let over = runtime.block_on(states.wait_for(|state| *state != State::Running));
                    if over.is_ok_and(|state| *state == State::GivenUp) {
                        abandoned.fetch_sub(1, Ordering::Relaxed);
                    }
                }
                Err(error) => drop(tell.send(Err(error))),
            }
        };
        let thread = std::thread::Builder::new().name(format!("circuit-worker-{number}"));
        thread.spawn(run).map_err(|error| failed("cannot start", error))?;
        let (sandbox, runtime) = told.recv().map_err(|error| failed("ended at once", error))??;
        Ok(Arc::new(Self { runtime, jobs: AtomicUsize::new(0), state, sandbox }))
    }

    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    pub(crate) fn jobs(&self) -> usize {
        self.jobs.load(Ordering::Relaxed)
    }

    /// Counts a job until the guard is dropped.
    pub(crate) fn take_job(self: &Arc<Self>) -> Taken {
        self.jobs.fetch_add(1, Ordering::Relaxed);
        Taken(Arc::clone(self))
    }

    /// Ends the thread as soon as it is free.
    pub(crate) fn end(&self) {
        self.state.send_if_modified(|state| {
            let runs = *state == State::Running;
            if runs {
                *state = State::Ended;
            }
            runs
        });
    }

    /// Gives the thread up: it ends when its handler returns.
    pub(crate) fn give_up(&self) {
        self.state.send_replace(State::GivenUp);
    }

    /// Waits until the worker takes no more jobs.
    pub(crate) async fn ended(&self) {
        // The sender is this worker's own, so it is there.
        drop(self.state.subscribe().wait_for(|state| *state != State::Running).await);
    }
}

/// A job that a worker has.
pub(crate) struct Taken(Arc<Worker>);

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.jobs.fetch_sub(1, Ordering::Relaxed);
    }
}

fn restricted(wanted: Wanted) -> Result<Sandbox> {
    match (wanted, restrict) {
        (Wanted::No, _) => Ok(Sandbox::None),
        // The pool says so, once for all threads.
        (Wanted::WherePossible, restrict) => Ok(restrict().unwrap_or(Sandbox::None)),
        (Wanted::Always, restrict) => match restrict() {
            Ok(Sandbox::FilesNetworkPrograms) => Ok(Sandbox::FilesNetworkPrograms),
            Ok(_) => Err(failed("cannot be sandboxed", "the kernel's Landlock has no TCP rules")),
            Err(why) => Err(failed("cannot be sandboxed", why)),
        },
    }
}

fn failed(what: &str, why: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Configuration, format!("a worker thread {what}")).with("reason", why)
}
