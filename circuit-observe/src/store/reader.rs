//! The thread that reads.

use std::sync::mpsc::{self, Sender};
use std::thread;

use circuit_core::{Error, ErrorKind, Result};
use tokio::sync::oneshot;

use super::backend::Backend;

type Question = Box<dyn FnOnce(&mut dyn Backend) + Send>;

/// The thread that reads.
pub(super) struct Reader {
    questions: Sender<Question>,
}

impl Reader {
    pub(super) fn start(mut backend: impl Backend) -> Result<Self> {
        let (questions, waiting) = mpsc::channel::<Question>();
        let answer = move || {
            for question in waiting {
                question(&mut backend);
            }
        };
        thread::Builder::new().name("circuit-search".to_owned()).spawn(answer).map_err(
            |error| {
                let message = "the store of reports has no thread";
                Error::new(ErrorKind::Unavailable, message).with_source(error)
            },
        )?;
        Ok(Self { questions })
    }

    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut dyn Backend) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (told, answer) = oneshot::channel();
        let question: Question = Box::new(move |backend| {
            // Who asked may not wait any more, before or after.
            if !told.is_closed() {
                drop(told.send(question(backend)));
            }
        });
        self.questions.send(question).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

fn gone() -> Error {
    Error::new(ErrorKind::Unavailable, "the thread of the store of reports has ended")
}
