//! Events to Axiom.

mod answer;
mod client;
mod config;
mod event;

pub use config::{AxiomConfig, AxiomEndpoint};

use std::time::Duration;

use circuit_core::Result;

use self::client::Ingest;
use super::queue::{Batch, Queue};
use super::queued;

/// A sink that sends to Axiom's ingest API, in compressed batches.
///
/// While Axiom cannot be reached, answers 429 or 5xx, or nonsense, events wait in the queue and are
/// sent again, at the time that Axiom names or after growing waits; so an event of which no answer
/// came may be there twice. What Axiom refuses otherwise, with 401 for a wrong token say, is dropped
/// and counted. Entries, executions and notes of dropped lines are events with `kind` and `_time`;
/// of executions it gets what is told of them as a whole, and the named values of an entry are one
/// object, `data`.
///
/// # Examples
/// ```
/// use circuit_core::LogSink;
/// use circuit_observe::{Axiom, AxiomConfig};
///
/// let axiom = Axiom::new(AxiomConfig::new("circuit", "xaat-1234"))?;
/// assert_eq!(axiom.dropped(), 0);
/// assert!(Axiom::new(AxiomConfig::new("circuit", "")).is_err(), "a token is needed");
/// # Ok::<(), circuit_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Axiom {
    queue: Queue,
}

impl Axiom {
    /// Starts a sink; nothing is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](circuit_core::ErrorKind::Configuration) if a value cannot be
    /// used; [`ErrorKind::Unavailable`](circuit_core::ErrorKind::Unavailable) without a thread.
    pub fn new(config: AxiomConfig) -> Result<Self> {
        config.check()?;
        let batch = Batch {
            lines: config.max_events,
            bytes: config.max_bytes,
            linger: Duration::from_millis(config.linger_ms),
        };
        let bounds = config.queue.clone();
        Ok(Self { queue: Queue::start("axiom", bounds, batch, Ingest::new(config)?)? })
    }
}

queued!(Axiom);
