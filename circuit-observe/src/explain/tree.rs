//! Steps as a tree, with those that are alike in one place.

use std::time::Duration;

use circuit_core::{ExecutionReport, LogEntry, Step, StepKind, TriggerEvent};

use super::word::{count, number};

/// So many steps of one kind in one place are shown one by one.
const FEW: usize = 3;

/// So many calls of one kind in one run are taken for a loop.
const LOOP: usize = 10;

/// Steps further down are shown at this depth.
const DEEPEST: usize = 64;

/// One line of the tree: a step, or several alike.
pub(super) struct Node<'a> {
    pub(super) steps: Vec<(usize, &'a Step)>,
    pub(super) log: Vec<&'a LogEntry>,
    pub(super) children: Vec<Node<'a>>,
}

/// The steps of a report, and the log entries outside of them.
pub(super) struct Tree<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) log: Vec<&'a LogEntry>,
}

/// Which steps are part of which, and which entries belong to which.
struct Parts<'a> {
    steps: &'a [Step],
    children: Vec<Vec<usize>>,
    log: Vec<Vec<&'a LogEntry>>,
}

impl<'a> Tree<'a> {
    pub(super) fn of(report: &'a ExecutionReport) -> Self {
        let steps = &report.steps;
        let parents = parents(steps);
        let mut parts = Parts {
            steps,
            children: vec![Vec::new(); steps.len()],
            log: vec![Vec::new(); steps.len()],
        };
        let mut roots = Vec::new();
        for (at, parent) in parents.iter().enumerate() {
            parent.map_or(&mut roots, |parent| &mut parts.children[parent]).push(at);
        }
        let mut log = Vec::new();
        for entry in &report.log {
            let place = place_of(entry, report);
            place.map_or(&mut log, |at| &mut parts.log[at]).push(&**entry);
        }
        Self { nodes: parts.nodes(&roots), log }
    }
}

/// Returns the parent of each step; always an earlier one, whatever a report from elsewhere says.
pub(super) fn parents(steps: &[Step]) -> Vec<Option<usize>> {
    let mut depths = vec![0; steps.len()];
    let mut parents: Vec<Option<usize>> = Vec::with_capacity(steps.len());
    for (at, step) in steps.iter().enumerate() {
        let parent = step.parent.map(|parent| parent as usize).filter(|parent| *parent < at);
        let parent = match parent {
            Some(parent) if depths[parent] >= DEEPEST => parents[parent],
            parent => parent,
        };
        depths[at] = parent.map_or(0, |parent| depths[parent] + 1);
        parents.push(parent);
    }
    parents
}

/// Returns the run of a handler during which an entry was written.
fn place_of(entry: &LogEntry, report: &ExecutionReport) -> Option<usize> {
    let at = (entry.time - report.start).to_std().unwrap_or_default();
    // The two clocks of an execution do not agree to the last microsecond.
    let slack = Duration::from_micros(50);
    let of_it = |step: &(usize, &Step)| {
        step.1.kind == StepKind::Handler
            && step.1.name == entry.handler
            && (entry.event.is_none() || step.1.event == entry.event)
    };
    let runs: Vec<_> = report.steps.iter().enumerate().rev().filter(of_it).collect();
    let begun = |(_, step): &&(usize, &Step)| step.start <= at + slack;
    let during = |run: &&(usize, &Step)| begun(run) && at <= run.1.start + run.1.duration + slack;
    let run = runs.iter().find(during).or_else(|| runs.iter().find(begun));
    run.map(|(place, _)| *place)
}

impl<'a> Parts<'a> {
    fn nodes(&self, siblings: &[usize]) -> Vec<Node<'a>> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for &at in siblings {
            match groups.iter_mut().find(|group| alike(&self.steps[group[0]], &self.steps[at])) {
                Some(group) => group.push(at),
                None => groups.push(vec![at]),
            }
        }
        let mut nodes = Vec::new();
        for group in groups {
            if group.len() > FEW {
                nodes.push(self.node(&group));
            } else {
                nodes.extend(group.iter().map(|at| self.node(&[*at])));
            }
        }
        nodes.sort_by_key(|node| node.steps[0].0);
        nodes
    }

    fn node(&self, group: &[usize]) -> Node<'a> {
        let children: Vec<usize> =
            group.iter().flat_map(|at| self.children[*at].iter().copied()).collect();
        Node {
            steps: group.iter().map(|at| (*at, &self.steps[*at])).collect(),
            log: group.iter().flat_map(|at| self.log[*at].iter().copied()).collect(),
            children: self.nodes(&children),
        }
    }
}

fn alike(a: &Step, b: &Step) -> bool {
    a.kind == b.kind && a.event == b.event && a.name == b.name && a.object == b.object
}

impl<'a> Node<'a> {
    /// Returns the first step.
    pub(super) fn step(&self) -> &'a Step {
        self.steps[0].1
    }

    /// Returns whether it stands for this step.
    pub(super) fn has(&self, step: Option<usize>) -> bool {
        step.is_some_and(|step| self.steps.iter().any(|(at, _)| *at == step))
    }

    pub(super) fn duration(&self) -> Duration {
        self.steps.iter().map(|(_, step)| step.duration).sum()
    }

    /// Returns the last of its steps that failed.
    pub(super) fn failed(&self) -> Option<&'a Step> {
        self.steps.iter().rev().map(|(_, step)| *step).find(|step| step.error.is_some())
    }

    /// Returns whether one run asked the store so often that it may do so for each row.
    pub(super) fn is_loop(&self) -> bool {
        let parent = |(_, step): &(usize, &Step)| step.parent;
        let asks = matches!(self.step().kind, StepKind::Query | StepKind::Callout | StepKind::Dml);
        asks && self.steps.chunk_by(|a, b| parent(a) == parent(b)).any(|run| run.len() >= LOOP)
    }

    /// Returns what it did, such as `insert 200 Contact`, and more about it; not cleaned yet.
    pub(super) fn told(&self) -> (String, String) {
        let step = self.step();
        let rows: u64 = self.steps.iter().map(|(_, step)| step.rows).sum();
        let Step { name, object, .. } = step;
        let times = match self.steps.len() {
            1 => String::new(),
            times => format!(" × {}", number(times as u64)),
        };
        let event = step.event.map_or("", TriggerEvent::name);
        let found = count(rows, "row");
        match step.kind {
            StepKind::Handler => {
                (name.to_string(), format!("{object} {event}, {found}{}", self.chunks()))
            }
            StepKind::Hook => (format!("hook {name}{times}"), String::new()),
            StepKind::Dml => (format!("{name} {} {object}{times}", number(rows)), String::new()),
            StepKind::Query => (format!("{name} {object}{times}"), format!("→ {found}")),
            StepKind::Callout => (format!("callout to {name}{times}"), String::new()),
            StepKind::Commit => (format!("commit {}", count(rows, "write")), String::new()),
            _ => (format!("{name} {object}{times}"), String::new()),
        }
    }

    fn chunks(&self) -> String {
        match (self.steps.len(), self.step().chunk) {
            (1, None | Some((_, 1))) => String::new(),
            (1, Some((number, of))) => format!(", chunk {number} of {of}"),
            (runs, _) => format!(", {} runs", number(runs as u64)),
        }
    }
}
