//! Writes down what an execution does while it does it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::key::{IndexedFields, Keys, RecordKey};
use super::{Failure, Step, StepKind};
use crate::env::Clock;
use crate::error::Error;
use crate::event::TriggerEvent;
use crate::record::{Record, RecordId};
use crate::value::Text;

/// How many steps a report has at most.
const MOST: usize = 2_000;

/// What one execution did up to now.
pub(crate) struct Recorder {
    clock: Arc<dyn Clock>,
    began: Duration,
    pub(crate) start: DateTime<Utc>,
    noted: Mutex<Noted>,
}

/// What was noted; all that grows is bounded.
#[derive(Debug, Default)]
pub(crate) struct Noted {
    pub(crate) subject: Subject,
    pub(crate) steps: Vec<Step>,
    pub(crate) steps_left_out: u64,
    keys: Keys,
}

/// What an execution is about: its first DML call, or what it delivers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Subject {
    pub(crate) object: Text,
    pub(crate) event: Option<TriggerEvent>,
    pub(crate) records: u64,
}

impl Recorder {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        let (began, start) = (clock.elapsed(), clock.now());
        Self { clock, began, start, noted: Mutex::default() }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.clock.elapsed().saturating_sub(self.began)
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what the execution is about; the first one stays.
    pub(crate) fn about(&self, object: &Text, event: Option<TriggerEvent>, records: usize) {
        let subject = &mut self.noted().subject;
        if subject.object.is_empty() {
            *subject = Subject { object: object.clone(), event, records: records as u64 };
        }
    }

    /// Notes records by which the execution is to be found.
    pub(crate) fn keys<'a>(
        &self,
        indexed: &IndexedFields,
        records: impl Iterator<Item = (Option<&'a RecordId>, &'a Record)>,
    ) {
        self.noted().keys.note(indexed, records);
    }

    /// Begins a step, which ends when the answer is dropped.
    pub(crate) fn begin(&self, kind: StepKind, parent: Option<u32>, name: Text) -> Doing<'_> {
        let start = self.elapsed();
        let mut noted = self.noted();
        if noted.steps.len() >= MOST {
            noted.steps_left_out += 1;
            return Doing { recorder: self, at: None };
        }
        let at = u32::try_from(noted.steps.len()).ok();
        noted.steps.push(Step::new(kind, parent, name, start));
        Doing { recorder: self, at }
    }

    /// Takes what was noted, for the report; `ids` are the final ones of placeholders.
    pub(crate) fn take(&self, ids: &HashMap<RecordId, RecordId>) -> (Noted, Vec<RecordKey>, u64) {
        let mut noted = std::mem::take(&mut *self.noted());
        let now = self.elapsed();
        // A handler whose thread was given up does not end.
        for step in noted.steps.iter_mut().filter(|step| step.duration == Step::UNDER_WAY) {
            step.duration = now.saturating_sub(step.start);
        }
        let (keys, left_out) = noted.keys.take(ids);
        (noted, keys, left_out)
    }
}

/// A step that is under way.
pub(crate) struct Doing<'a> {
    recorder: &'a Recorder,
    at: Option<u32>,
}

impl Doing<'_> {
    /// Returns its place in the list; `None` if it was left out.
    pub(crate) fn at(&self) -> Option<u32> {
        self.at
    }

    /// Changes what is noted of it.
    pub(crate) fn set(&self, change: impl FnOnce(&mut Step)) {
        let mut noted = self.recorder.noted();
        if let Some(step) = self.at.and_then(|at| noted.steps.get_mut(at as usize)) {
            change(step);
        }
    }

    /// Notes the rows that it was about.
    pub(crate) fn rows(&self, rows: u64) {
        self.set(|step| step.rows = rows);
    }

    /// Notes why it failed, and hands the answer through.
    pub(crate) fn end<T>(self, answer: Result<T, Error>) -> Result<T, Error> {
        if let Err(error) = &answer {
            self.failed(error);
        }
        answer
    }

    pub(crate) fn failed(&self, error: &Error) {
        let failure = Box::new(Failure::from(error));
        self.set(|step| step.error = Some(failure));
    }
}

impl Drop for Doing<'_> {
    fn drop(&mut self) {
        let now = self.recorder.elapsed();
        self.set(|step| step.duration = now.saturating_sub(step.start));
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("start", &self.start).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::SystemClock;

    #[test]
    fn steps_beyond_the_bound_are_counted() {
        let recorder = Recorder::new(Arc::new(SystemClock));
        for _ in 0..MOST + 3 {
            drop(recorder.begin(StepKind::Query, None, Text::default()));
        }
        let (noted, ..) = recorder.take(&HashMap::new());
        assert_eq!((noted.steps.len(), noted.steps_left_out), (MOST, 3));
    }

    #[test]
    fn a_step_that_does_not_end_lasts_to_the_end_of_the_execution() {
        let recorder = Recorder::new(Arc::new(SystemClock));
        let _stuck = recorder.begin(StepKind::Handler, None, Text::default());
        let (noted, ..) = recorder.take(&HashMap::new());
        let step = &noted.steps[0];
        assert!(step.start + step.duration <= recorder.elapsed(), "{step:?}");
    }
}
