//! About how many bytes a line holds in memory.

use circuit_core::{ExecutionReport, Failure, LogEntry, Step};
use serde_json::Value;

use crate::sink::Line;

/// What a name and a value take beside their text.
const PAIR: usize = 64;

pub(super) fn of(line: &Line) -> usize {
    match line {
        Line::Entry(entry) => of_entry(entry),
        Line::Execution(report) => of_report(report),
        Line::Dropped(_) => 0,
    }
}

fn of_entry(entry: &LogEntry) -> usize {
    let data = entry.data.iter().map(|(name, value)| PAIR + name.len() + of_value(value));
    size_of::<LogEntry>() + entry.message.len() + data.sum::<usize>()
}

/// The entries of its log are kept alive by a report.
fn of_report(report: &ExecutionReport) -> usize {
    let log = report.log.iter().map(|entry| of_entry(entry));
    let steps = report
        .steps
        .iter()
        .map(|step| size_of::<Step>() + step.error.as_deref().map_or(0, of_failure));
    let keys = report.keys.iter().map(|key| PAIR + key.value.len());
    let error = report.error.as_ref().map_or(0, of_failure);
    size_of::<ExecutionReport>() + error + log.chain(steps).chain(keys).sum::<usize>()
}

fn of_failure(failure: &Failure) -> usize {
    let texts = failure.causes.iter().chain(&failure.rows).map(|text| PAIR + text.len());
    size_of::<Failure>() + failure.message.len() + texts.sum::<usize>()
}

fn of_value(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(|value| PAIR + of_value(value)).sum(),
        Value::Object(map) => {
            map.iter().map(|(name, value)| PAIR + name.len() + of_value(value)).sum()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}
