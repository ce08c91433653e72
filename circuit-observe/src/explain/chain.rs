//! Executions that started one another.

use std::collections::HashSet;

use circuit_core::ExecutionReport;
use uuid::Uuid;

/// Sorts executions so that each comes before those that it started, earlier ones first; one that is
/// given twice comes once.
pub(super) fn in_order(mut reports: Vec<&ExecutionReport>) -> Vec<&ExecutionReport> {
    reports.sort_by_key(|report| (report.start, report.id));
    let ids: HashSet<Uuid> = reports.iter().map(|report| report.id).collect();
    let is_inner = |report: &&&ExecutionReport| report.parent.is_some_and(|id| ids.contains(&id));
    let (inner, outer): (Vec<_>, Vec<_>) = reports.iter().partition(is_inner);
    // The last ones come first. Inner ones stand behind all others, in case they lie in a circle.
    let mut open: Vec<&ExecutionReport> = outer.into_iter().chain(inner).rev().copied().collect();
    let mut seen = HashSet::new();
    let mut sorted = Vec::with_capacity(reports.len());
    while let Some(next) = open.pop() {
        if seen.insert(next.id) {
            open.extend(reports.iter().rev().filter(|report| report.parent == Some(next.id)));
            sorted.push(next);
        }
    }
    sorted
}

/// Returns how deep below the first of its chain an execution stands.
pub(super) fn depth(reports: &[&ExecutionReport], report: &ExecutionReport) -> usize {
    let parent = |of: &ExecutionReport| {
        let parent = of.parent?;
        reports.iter().find(|report| report.id == parent).copied()
    };
    std::iter::successors(parent(report), |above| parent(above)).take(reports.len()).count()
}
