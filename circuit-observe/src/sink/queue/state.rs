//! What a queue knows, under its lock.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::{Batch, Failure, QueueConfig, weight};
use crate::sink::{Dropped, Line};

/// A line with what it takes in memory.
#[derive(Debug)]
pub(crate) struct Queued {
    pub(crate) line: Line,
    bytes: usize,
}

impl Queued {
    pub(super) fn new(line: Line) -> Self {
        let bytes = weight::of(&line);
        Self { line, bytes }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// A note about dropped lines is none of those that were taken.
    fn is_note(&self) -> bool {
        matches!(self.line, Line::Dropped(_))
    }
}

/// How far the end of a queue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ending {
    Open,
    /// What is there is still written.
    Closing,
    /// The deadline has passed: the worker stops as soon as it can.
    Abandoned,
    /// The worker is gone.
    Over,
}

/// What the worker is to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Task {
    Write,
    Settle,
    Tend,
    Stop,
    Wait(Option<Duration>),
}

/// Whether a line was taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Yes,
    /// And the worker waits for it.
    WakeWorker,
    No,
}

#[derive(Debug)]
pub(super) struct State {
    lines: VecDeque<Queued>,
    /// Lines here and with the worker.
    held: usize,
    bytes: usize,
    /// When the first of the lines here came.
    first: Instant,
    /// Counts of lines, from the start: taken, gone on their way or lost, and known to be where
    /// they belong.
    taken: u64,
    done: u64,
    settled: u64,
    /// Up to where somebody waits.
    flush_to: u64,
    /// A wait between tries is to be cut short, once.
    pub(super) hurry: bool,
    /// What the worker waits for.
    idle: Option<Batch>,
    pub(super) dropped: u64,
    /// Dropped, but not yet told to the destination.
    untold: u64,
    /// The last failure, until it works again.
    pub(super) failure: Option<Failure>,
    /// Failed tries in a row.
    pub(super) in_a_row: u32,
    /// The numbers of the last try, and of the last that failed.
    pub(super) begun: u64,
    pub(super) failed: u64,
    /// What the destination refused for good, until a flush has told it.
    pub(super) lost: Option<Failure>,
    /// The last lines were refused for good.
    pub(super) refusing: bool,
    pub(super) ending: Ending,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            lines: VecDeque::new(),
            held: 0,
            bytes: 0,
            first: Instant::now(),
            taken: 0,
            done: 0,
            settled: 0,
            flush_to: 0,
            hurry: false,
            idle: None,
            dropped: 0,
            untold: 0,
            failure: None,
            in_a_row: 0,
            begun: 0,
            failed: 0,
            lost: None,
            refusing: false,
            ending: Ending::Open,
        }
    }

    /// Takes a line if there is room; else counts it.
    pub(super) fn push(&mut self, line: &mut Option<Queued>, bounds: &QueueConfig) -> Taken {
        let bytes = line.as_ref().map_or(0, Queued::bytes);
        let room = self.held < bounds.max_lines && bytes <= bounds.max_bytes - self.bytes;
        if self.ending != Ending::Open || !room {
            self.drop_lines(1);
            return Taken::No;
        }
        if self.lines.is_empty() {
            self.first = Instant::now();
        }
        self.lines.extend(line.take());
        self.held += 1;
        self.bytes += bytes;
        self.taken += 1;
        self.wake()
    }

    fn wake(&mut self) -> Taken {
        match self.idle {
            Some(batch) if self.held >= batch.lines || self.bytes >= batch.bytes => {
                self.idle = None;
                Taken::WakeWorker
            }
            _ => Taken::Yes,
        }
    }

    pub(super) fn drop_lines(&mut self, count: u64) {
        self.dropped += count;
        self.untold += count;
    }

    /// Notes that lines are missing that this queue never had.
    pub(super) fn missing(&mut self, count: u64) {
        self.untold += count;
    }

    /// Returns what the worker is to do next.
    pub(super) fn next(&mut self, batch: Batch) -> Task {
        let is_flushed = self.flush_to > self.settled;
        let asked = self.ending == Ending::Closing || is_flushed;
        let waiting = !self.lines.is_empty();
        self.idle = None;
        if self.ending >= Ending::Abandoned {
            Task::Stop
        } else if is_flushed && self.done >= self.flush_to {
            // Before the lines that came later: these may never end.
            Task::Settle
        } else if waiting && (asked || self.fills(batch)) || self.untold > 0 && self.works() {
            Task::Write
        } else if waiting {
            self.wait_for(batch)
        } else if asked && self.settled < self.done {
            Task::Settle
        } else if self.ending == Ending::Closing {
            Task::Stop
        } else {
            self.idle = Some(Batch { lines: 1, ..batch });
            Task::Wait(None)
        }
    }

    fn works(&self) -> bool {
        self.failure.is_none() && !self.refusing
    }

    fn fills(&self, batch: Batch) -> bool {
        self.held >= batch.lines
            || self.bytes >= batch.bytes
            || self.first.elapsed() >= batch.linger
    }

    fn wait_for(&mut self, batch: Batch) -> Task {
        self.idle = Some(batch);
        Task::Wait(Some(batch.linger.saturating_sub(self.first.elapsed())))
    }

    /// Hands all lines to the worker, with a note of those dropped.
    pub(super) fn hand_over(&mut self, to: &mut VecDeque<Queued>) {
        std::mem::swap(&mut self.lines, to);
        if self.untold > 0 {
            to.push_back(Queued::new(Line::Dropped(Dropped::now(self.untold))));
            self.untold = 0;
        }
    }

    /// Counts lines as gone; `lost` of them got nowhere. Returns how many lines and bytes.
    pub(super) fn done(&mut self, lines: &[Queued], lost: u64) -> (usize, usize) {
        let taken = lines.iter().filter(|queued| !queued.is_note());
        let (count, bytes) =
            taken.fold((0, 0), |(count, bytes), queued| (count + 1, bytes + queued.bytes));
        if self.ending >= Ending::Abandoned {
            return (0, 0);
        }
        self.held -= count;
        self.bytes -= bytes;
        self.done += count as u64;
        self.drop_lines(lost.min(count as u64));
        if lost >= lines.len() as u64 {
            self.untold += lines.iter().map(noted).sum::<u64>();
        }
        (count, bytes)
    }

    pub(super) fn settle(&mut self) {
        self.settled = self.done;
        self.hurry = false;
        self.works_again();
    }

    /// Returns whether it had failed before.
    pub(super) fn works_again(&mut self) -> bool {
        self.in_a_row = 0;
        self.failure.take().is_some()
    }

    pub(super) fn fail(&mut self, failure: Failure) -> bool {
        self.in_a_row = self.in_a_row.saturating_add(1);
        self.failed = self.begun;
        self.failure.replace(failure).is_none()
    }

    /// Asks for all that was taken; returns up to where that is.
    pub(super) fn ask(&mut self) -> u64 {
        self.flush_to = self.flush_to.max(self.taken);
        self.hurry = true;
        self.idle = None;
        self.taken
    }

    pub(super) fn is_settled(&self, to: u64) -> bool {
        self.settled >= to
    }

    /// Gives up what is left; returns how many lines and bytes that are.
    pub(super) fn abandon(&mut self) -> (u64, usize) {
        let left = self.taken - self.done;
        self.dropped += left;
        self.done = self.taken;
        self.held = 0;
        self.lines.clear();
        (left, std::mem::take(&mut self.bytes))
    }
}

/// Returns how many dropped lines a note tells of.
fn noted(queued: &Queued) -> u64 {
    match &queued.line {
        Line::Dropped(dropped) => dropped.count,
        Line::Entry(_) | Line::Execution(_) => 0,
    }
}
