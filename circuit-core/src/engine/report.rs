//! The end of an execution: its one report, made however it ends.

use std::collections::HashMap;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use uuid::Uuid;

use super::execution::Execution;
use crate::error::Error;
use crate::log::LogEntry;
use crate::record::RecordId;
use crate::report::{Doing, ExecutionEnd, ExecutionReport, Failure, Noted, StepKind};
use crate::value::Text;

/// An execution that has still to be reported on; dropping it does.
pub(super) struct Reported {
    execution: Execution,
    earlier: Earlier,
    open: bool,
}

/// The runs before, that a conflict ended.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    ids: Vec<Uuid>,
    /// What they wrote: the log is no part of the transaction.
    log: Vec<Arc<LogEntry>>,
}

impl Earlier {
    /// Returns how many runs there were.
    pub(super) fn runs(&self) -> u32 {
        u32::try_from(self.ids.len()).unwrap_or(u32::MAX)
    }
}

impl Reported {
    pub(super) fn new(execution: Execution, earlier: Earlier) -> Self {
        Self { execution, earlier, open: true }
    }

    /// Returns how often the execution was run before.
    pub(super) fn reruns(&self) -> u32 {
        self.earlier.runs()
    }

    /// Leaves the report to the next run; answers what is kept of the runs up to now.
    pub(super) fn superseded(mut self) -> Earlier {
        self.open = false;
        let mut earlier = std::mem::take(&mut self.earlier);
        earlier.ids.push(self.execution.id());
        earlier.log.extend(self.execution.log().take());
        earlier
    }

    /// Makes the report and hands it to all sinks.
    pub(super) fn close(
        mut self,
        outcome: ExecutionEnd,
        error: Option<&Error>,
        ids: &HashMap<RecordId, RecordId>,
    ) -> Arc<ExecutionReport> {
        self.open = false;
        self.report(outcome, error, ids)
    }

    /// Reports a failure, and puts the report into the error.
    pub(super) fn failed(self, error: Error) -> Error {
        let report = self.close(ExecutionEnd::RolledBack, Some(&error), &HashMap::new());
        error.with_report(report)
    }

    fn report(
        &mut self,
        outcome: ExecutionEnd,
        error: Option<&Error>,
        ids: &HashMap<RecordId, RecordId>,
    ) -> Arc<ExecutionReport> {
        let (state, recorder) = (self.execution.state(), &self.execution.state().recorder);
        let (Noted { subject, mut steps, steps_left_out, .. }, keys, keys_left_out) =
            recorder.take(ids);
        let reruns = self.earlier.runs();
        let Earlier { ids: ids_before, mut log } = std::mem::take(&mut self.earlier);
        log.extend(self.execution.log().take());
        let start = &state.start;
        let mut error = error.map(Failure::from);
        let steps_errors = steps.iter_mut().filter_map(|step| step.error.as_deref_mut());
        for failure in error.iter_mut().chain(steps_errors) {
            failure.redact(&state.engine.log);
        }
        let report = Arc::new(ExecutionReport {
            id: state.id,
            parent: start.parent,
            origin: start.origin.clone(),
            quiddity: start.quiddity,
            user: start.who.user.clone(),
            tenant: start.who.tenant.clone(),
            object: subject.object,
            event: subject.event,
            records: subject.records,
            start: recorder.start,
            end: recorder.now(),
            duration: recorder.elapsed(),
            usage: state.governor.usage(),
            limits: state.governor.limits().clone(),
            reruns,
            earlier: ids_before,
            outcome,
            error,
            host: state.engine.host.clone(),
            build: state.engine.build.clone(),
            steps,
            steps_left_out,
            keys,
            keys_left_out,
            log,
        });
        for sink in &state.engine.log.sinks {
            drop(catch_unwind(AssertUnwindSafe(|| sink.ended(&report))));
        }
        report
    }
}

impl Deref for Reported {
    type Target = Execution;

    fn deref(&self) -> &Execution {
        &self.execution
    }
}

impl Drop for Reported {
    fn drop(&mut self) {
        if self.open {
            let is_committed = self.execution.state().committed.load(Ordering::Acquire);
            let end = if is_committed { ExecutionEnd::Committed } else { ExecutionEnd::Dropped };
            self.report(end, None, &HashMap::new());
        }
    }
}

impl Execution {
    /// Begins a step of this place.
    pub(super) fn step(&self, kind: StepKind, name: &Text) -> Doing<'_> {
        self.state().recorder.begin(kind, self.own_step(), name.clone())
    }
}
