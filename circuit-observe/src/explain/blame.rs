//! Who spent the time, and where it went wrong.

use std::time::Duration;

use circuit_core::{ExecutionEnd, ExecutionReport, Failure, Step, StepKind};

use super::tree::parents;
use super::word::{count, percent, time};

/// A handler has to spend so many per cent of the time to be called the slowest.
const WORTH_NAMING: u32 = 20;

/// A step that ended so long before the execution was dropped was over by then.
const SLACK: Duration = Duration::from_millis(1);

/// What to look at first.
pub(super) struct Blame<'a> {
    /// The time of each handler and of the rest, the longest first.
    pub(super) times: Vec<Spent<'a>>,
    /// The step that failed, or in which the execution was dropped.
    pub(super) fatal: Option<usize>,
    /// The run that took longest, of the handler that did.
    pub(super) slowest: Option<usize>,
    /// The one sentence to read.
    pub(super) headline: Option<String>,
    /// From the host's call down to the step that failed.
    pub(super) path: Vec<String>,
}

/// What one handler spent in all its runs.
pub(super) struct Spent<'a> {
    pub(super) name: &'a str,
    pub(super) object: &'a str,
    pub(super) runs: u64,
    pub(super) rows: u64,
    /// Without the handlers that its DML ran.
    pub(super) own: Duration,
    pub(super) cpu: Duration,
    pub(super) peak: u64,
    /// Its longest run.
    longest: (Duration, usize),
}

impl<'a> Blame<'a> {
    pub(super) fn of(report: &'a ExecutionReport) -> Self {
        let parents = parents(&report.steps);
        let times = times(report, &parents);
        let handlers = times.iter().filter(|spent| spent.is_handler());
        let slow = handlers
            .max_by_key(|spent| spent.own)
            .filter(|spent| percent(spent.own, report.duration) >= WORTH_NAMING);
        let slowest = slow.map(|spent| spent.longest.1);
        let fatal = fatal(report, &parents);
        let up = std::iter::successors(fatal, |at| parents[*at]);
        let mut path: Vec<String> = up.map(|at| place(&report.steps[at])).collect();
        path.reverse();
        let culprit = std::iter::successors(fatal, |at| parents[*at])
            .map(|at| &report.steps[at])
            .find(|step| is_code(step));
        let headline =
            failed(report, fatal, culprit).or_else(|| slow.map(|slow| slow.told(report)));
        Self { times, fatal, slowest, headline, path }
    }
}

/// Returns what went wrong in one sentence.
fn failed(
    report: &ExecutionReport,
    fatal: Option<usize>,
    culprit: Option<&Step>,
) -> Option<String> {
    let step = fatal.map(|at| &report.steps[at]);
    if report.error.is_none() {
        let doing = step.filter(|_| report.outcome == ExecutionEnd::Dropped)?;
        return Some(format!("the host gave up while this was under way: {}", place(doing)));
    }
    let error = step.and_then(|step| step.error.as_deref()).or(report.error.as_ref())?;
    let reason = reason(error);
    let who = culprit.map_or(&*error.handler, |step| &*step.name);
    Some(if who.is_empty() { reason.to_owned() } else { format!("{who} failed: {reason}") })
}

/// Returns what a step is in few words.
fn place(step: &Step) -> String {
    match step.kind {
        StepKind::Handler => {
            let event = step.event.map_or("", circuit_core::TriggerEvent::name);
            format!("{} ({} {event})", step.name, step.object)
        }
        StepKind::Hook => format!("hook {}", step.name),
        StepKind::Callout => format!("callout to {}", step.name),
        _ => format!("{} {}", step.name, step.object).trim_end().to_owned(),
    }
}

impl Spent<'_> {
    fn new<'a>(name: &'a str, object: &'a str) -> Spent<'a> {
        let (own, cpu, longest) = (Duration::ZERO, Duration::ZERO, (Duration::ZERO, 0));
        Spent { name, object, runs: 0, rows: 0, own, cpu, peak: 0, longest }
    }

    fn told(&self, report: &ExecutionReport) -> String {
        let Self { name, own, runs, .. } = self;
        let share = percent(*own, report.duration);
        format!("{name} took {share} % of the time: {} in {}", time(*own), count(*runs, "run"))
    }

    pub(super) fn is_slowest(&self, blame: &Blame<'_>) -> bool {
        self.is_handler() && blame.slowest == Some(self.longest.1)
    }

    /// Tells handlers from the rest.
    pub(super) fn is_handler(&self) -> bool {
        self.runs > 0
    }
}

/// Whether a step is somebody's code: a handler or a hook.
fn is_code(step: &Step) -> bool {
    matches!(step.kind, StepKind::Handler | StepKind::Hook)
}

/// Returns the time of each step without the handlers inside of it, and of no step.
fn own_times(steps: &[Step], parents: &[Option<usize>]) -> Vec<Duration> {
    let mut own: Vec<Duration> = steps.iter().map(|step| step.duration).collect();
    for (at, step) in steps.iter().enumerate() {
        if !is_code(step) {
            continue;
        }
        let above = std::iter::successors(parents[at], |parent| parents[*parent]);
        if let Some(handler) = above.into_iter().find(|at| is_code(&steps[*at])) {
            own[handler] = own[handler].saturating_sub(step.duration);
        }
    }
    own
}

fn times<'a>(report: &'a ExecutionReport, parents: &[Option<usize>]) -> Vec<Spent<'a>> {
    let own = own_times(&report.steps, parents);
    let mut times: Vec<Spent<'a>> = Vec::new();
    let (mut commit, mut handlers) = (Duration::ZERO, Duration::ZERO);
    for (at, step) in report.steps.iter().enumerate() {
        if step.kind == StepKind::Commit {
            commit += step.duration;
        }
        if !is_code(step) {
            continue;
        }
        handlers += own[at];
        let (name, object) = (step.name.as_str(), step.object.as_str());
        let known = times.iter().position(|spent| spent.name == name && spent.object == object);
        let place = known.unwrap_or_else(|| {
            times.push(Spent::new(name, object));
            times.len() - 1
        });
        let spent = &mut times[place];
        (spent.runs, spent.rows) = (spent.runs + 1, spent.rows + step.rows);
        (spent.own, spent.cpu) = (spent.own + own[at], spent.cpu + step.cpu);
        spent.peak = spent.peak.max(step.peak);
        spent.longest = spent.longest.max((own[at], at));
    }
    let rest = report.duration.saturating_sub(handlers + commit);
    let is_bare = times.is_empty();
    for (name, own) in [("the store's commit", commit), ("host and engine", rest)] {
        times.push(Spent { own, ..Spent::new(name, "") });
    }
    times.retain(|spent| spent.is_handler() || !spent.own.is_zero() || is_bare);
    times.sort_by_key(|spent| std::cmp::Reverse(spent.own));
    times
}

/// Whether a failure of the host's own step is what ended the execution: the host may have gone on after
/// it, and a hook after the rollback may have failed too.
fn ended(report: &ExecutionReport, step: &Step) -> bool {
    let (Some(error), Some(failure)) = (&report.error, &step.error) else {
        return true;
    };
    let is_same = failure.code == error.code && reason(failure) == reason(error);
    is_same || error.causes.contains(&failure.message)
}

/// Returns what is behind everything else.
fn reason(failure: &Failure) -> &str {
    failure.causes.last().or(failure.rows.first()).unwrap_or(&failure.message)
}

/// Returns the innermost step of the last failure, or the one that was under way at the end.
fn fatal(report: &ExecutionReport, parents: &[Option<usize>]) -> Option<usize> {
    let steps = &report.steps;
    let is_at_fault: &dyn Fn(&Step) -> bool = match (&report.error, report.outcome) {
        (Some(_), _) => &|step| step.error.is_some(),
        (None, ExecutionEnd::Dropped) => {
            &|step| step.start + step.duration + SLACK >= report.duration
        }
        _ => return None,
    };
    let last_in = |parent: Option<usize>| {
        let mut inside = (0..steps.len()).rev().filter(|at| parents[*at] == parent);
        inside
            .find(|at| is_at_fault(&steps[*at]) && (parent.is_some() || ended(report, &steps[*at])))
    };
    let found = std::iter::successors(last_in(None), |at| last_in(Some(*at))).last();
    let handler = report.error.as_ref().map_or("", |error| error.handler.as_str());
    found.or_else(|| steps.iter().rposition(|step| !handler.is_empty() && step.name == *handler))
}
