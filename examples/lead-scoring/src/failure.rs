//! Why a run ends early.

use std::error::Error;
use std::io;

use lead_scoring::input::InputError;

/// Why a run ends early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nobody reads the output any more.
    OutputClosed,
    /// The job can't be done.
    Job(Box<dyn Error>),
}

impl Failure {
    /// Fails with a message.
    pub(crate) fn message(message: impl Into<String>) -> Self {
        Self::Job(message.into().into())
    }
}

impl From<io::Error> for Failure {
    /// Takes an error of the output.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::OutputClosed,
            _ => Self::Job(error.into()),
        }
    }
}

impl From<InputError> for Failure {
    fn from(error: InputError) -> Self {
        Self::Job(error.into())
    }
}

impl From<circuit_core::Error> for Failure {
    fn from(error: circuit_core::Error) -> Self {
        Self::Job(error.into())
    }
}
