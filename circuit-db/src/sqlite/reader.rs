//! The reading threads: each has a connection and takes the next question.

use std::fmt;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use circuit_core::{Error, ErrorKind, Result};
use rusqlite::Connection;

type Question = Box<dyn FnOnce(&Connection) + Send>;

/// The reading threads of a store.
pub(super) struct Readers {
    questions: Option<Sender<Question>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub(super) fn start(connections: Vec<Connection>) -> Self {
        let (questions, waiting) = channel::<Question>();
        let waiting = Arc::new(Mutex::new(waiting));
        let start = |connection| {
            let waiting = Arc::clone(&waiting);
            std::thread::spawn(move || answer(&connection, &waiting))
        };
        let threads = connections.into_iter().map(start).collect();
        Self { questions: Some(questions), threads }
    }

    /// Asks the next free thread.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, wait) = tokio::sync::oneshot::channel();
        let question: Question =
            Box::new(move |connection| drop(answer.send(question(connection))));
        let gone = || Error::new(ErrorKind::Unavailable, "the store's reading threads have ended");
        self.questions.as_ref().ok_or_else(gone)?.send(question).map_err(|_| gone())?;
        wait.await.map_err(|_| gone())?
    }
}

fn answer(connection: &Connection, waiting: &Mutex<Receiver<Question>>) {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match next {
            Ok(question) => question(connection),
            Err(_) => return,
        }
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.questions = None;
        for thread in self.threads.drain(..) {
            drop(thread.join());
        }
    }
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readers").field("threads", &self.threads.len()).finish_non_exhaustive()
    }
}
