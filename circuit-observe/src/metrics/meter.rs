//! What the queue of a sink tells.

use std::sync::OnceLock;

use ::metrics::{Counter, Gauge, counter, gauge};

use super::table;

/// The metrics of one sink's queue.
///
/// The recorder is looked up when the first line comes: the host installs it before that.
#[derive(Debug)]
pub(crate) struct SinkMeter {
    sink: &'static str,
    handles: OnceLock<Handles>,
}

struct Handles {
    lines: Gauge,
    bytes: Gauge,
    written: Counter,
    dropped: Counter,
    failures: Counter,
}

impl SinkMeter {
    pub(crate) fn new(sink: &'static str) -> Self {
        Self { sink, handles: OnceLock::new() }
    }

    fn handles(&self) -> &Handles {
        let sink = self.sink;
        self.handles.get_or_init(|| {
            table::describe();
            Handles {
                lines: gauge!(table::QUEUE_LINES.name, "sink" => sink),
                bytes: gauge!(table::QUEUE_BYTES.name, "sink" => sink),
                written: counter!(table::SINK_WRITTEN.name, "sink" => sink),
                dropped: counter!(table::SINK_DROPPED.name, "sink" => sink),
                failures: counter!(table::SINK_FAILURES.name, "sink" => sink),
            }
        })
    }

    pub(crate) fn took(&self, bytes: usize) {
        let handles = self.handles();
        handles.lines.increment(1.0);
        handles.bytes.increment(float(bytes));
    }

    pub(crate) fn wrote(&self, lines: usize, bytes: usize, lost: u64) {
        self.gone(lines, bytes);
        self.handles().written.increment((lines as u64).saturating_sub(lost));
        self.handles().dropped.increment(lost);
    }

    /// There was no room for a line.
    pub(crate) fn refused(&self, bytes: usize) {
        self.gone(1, bytes);
        self.handles().dropped.increment(1);
    }

    /// Lines were given up at the end.
    pub(crate) fn abandoned(&self, lines: u64, bytes: usize) {
        if lines > 0 {
            self.gone(usize::try_from(lines).unwrap_or(usize::MAX), bytes);
            self.handles().dropped.increment(lines);
        }
    }

    fn gone(&self, lines: usize, bytes: usize) {
        self.handles().lines.decrement(float(lines));
        self.handles().bytes.decrement(float(bytes));
    }

    pub(crate) fn failed(&self) {
        self.handles().failures.increment(1);
    }
}

impl std::fmt::Debug for Handles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handles").finish_non_exhaustive()
    }
}

#[expect(clippy::cast_precision_loss, reason = "a queue holds fewer than 2^52 bytes")]
fn float(count: usize) -> f64 {
    count as f64
}
