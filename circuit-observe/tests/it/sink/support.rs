//! Entries, reports and a writer that does what it is told.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use circuit_core::{ExecutionReport, LogEntry};
use circuit_observe::{Line, QueueConfig};
use serde_json::{Value, json};

pub(crate) const EXECUTION: &str = "0198a000-0000-7000-8000-000000000001";

/// Returns an entry with changes.
pub(crate) fn entry_with(changes: &Value) -> Arc<LogEntry> {
    let mut entry = json!({
        "execution": EXECUTION, "time": "2026-11-21T08:00:00.250Z", "level": "info",
        "handler": "score_contacts", "event": "afterInsert", "object": "Contact", "depth": 1,
        "message": "scored", "data": [["grade", "A"], ["count", 3]], "used": {"queries": 1}
    });
    merge(&mut entry, changes);
    Arc::new(serde_json::from_value(entry).unwrap())
}

/// Returns an entry that can be told by its number.
pub(crate) fn entry(number: u64) -> Arc<LogEntry> {
    entry_with(&json!({"message": format!("entry {number}")}))
}

/// Returns a report with changes.
pub(crate) fn report_with(changes: &Value) -> Arc<ExecutionReport> {
    let mut report = json!({
        "id": EXECUTION, "parent": null, "origin": "webhook 42", "quiddity": "webhook",
        "user": "ada", "tenant": "acme", "object": "Contact", "event": null, "records": 200,
        "start": "2026-11-21T08:00:00Z", "end": "2026-11-21T08:00:00.012Z",
        "duration": {"secs": 0, "nanos": 12_345_678},
        "usage": usage(80), "limits": {"queries": 100},
        "reruns": 0, "outcome": "committed", "error": null, "host": "h1", "build": "1.2.3",
        "steps": [step("score_contacts")], "steps_left_out": 0, "log": []
    });
    merge(&mut report, changes);
    Arc::new(serde_json::from_value(report).unwrap())
}

/// Returns what an execution used that made so many queries.
pub(crate) fn usage(queries: u64) -> Value {
    let mut usage = json!(circuit_core::Usage::default());
    usage["total"] = json!({"queries": queries});
    usage
}

pub(crate) fn step(handler: &str) -> Value {
    json!({
        "kind": "handler", "parent": null, "name": handler, "object": "Contact",
        "event": "afterInsert", "chunk": [1, 1], "rows": 200,
        "start": {"secs": 0, "nanos": 0}, "duration": {"secs": 0, "nanos": 9_000_000},
        "cpu": {"secs": 0, "nanos": 2_000_000}, "peak": 4096, "error": null
    })
}

fn merge(value: &mut Value, changes: &Value) {
    for (name, change) in changes.as_object().unwrap() {
        value[name] = change.clone();
    }
}

/// Returns bounds with short waits.
pub(crate) fn quick() -> QueueConfig {
    QueueConfig::default().with_retry(Duration::from_millis(1), Duration::from_millis(5))
}

/// Returns what is in the lines: `entry 7`, `execution` or `dropped 3`.
pub(crate) fn told(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| serde_json::from_str(line).expect(line));
    lines
        .map(|line: Line| match line {
            Line::Entry(entry) => entry.message.to_string(),
            Line::Execution(_) => "execution".to_owned(),
            Line::Dropped(dropped) => format!("dropped {}", dropped.count),
            other => panic!("{other:?}"),
        })
        .collect()
}

/// Returns `entry 0`, `entry 1` and so on.
pub(crate) fn entries(numbers: std::ops::Range<u64>) -> Vec<String> {
    numbers.map(|number| format!("entry {number}")).collect()
}

/// A writer that does what it is told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pipe(Arc<(Mutex<Told>, Condvar)>);

#[derive(Debug, Default)]
struct Told {
    text: Vec<u8>,
    is_blocked: bool,
    is_waiting: bool,
    error: Option<io::ErrorKind>,
    most: Option<usize>,
}

impl Pipe {
    /// Nobody reads: a write waits.
    pub(crate) fn block(&self) {
        self.0.0.lock().unwrap().is_blocked = true;
    }

    pub(crate) fn unblock(&self) {
        self.0.0.lock().unwrap().is_blocked = false;
        self.0.1.notify_all();
    }

    /// Waits until a write waits.
    pub(crate) fn wait_for_write(&self) {
        let told = self.0.0.lock().unwrap();
        let (_told, timeout) = self
            .0
            .1
            .wait_timeout_while(told, Duration::from_secs(30), |told| !told.is_waiting)
            .unwrap();
        assert!(!timeout.timed_out(), "nothing is written");
    }

    /// Takes so many bytes more, then fails.
    pub(crate) fn fail_after(&self, bytes: usize, error: io::ErrorKind) {
        let mut told = self.0.0.lock().unwrap();
        (told.most, told.error) = (Some(bytes), Some(error));
    }

    pub(crate) fn work(&self) {
        self.0.0.lock().unwrap().error = None;
        self.0.0.lock().unwrap().most = None;
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.0.lock().unwrap().text.clone()).unwrap()
    }
}

impl Write for Pipe {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let mut told = self.0.0.lock().unwrap();
        told.is_waiting = told.is_blocked;
        self.0.1.notify_all();
        told = self.0.1.wait_while(told, |told| told.is_blocked).unwrap();
        told.is_waiting = false;
        let count = text.len().min(told.most.unwrap_or(usize::MAX));
        if let (0, Some(error)) = (count, told.error) {
            return Err(error.into());
        }
        told.most = told.most.map(|most| most - count);
        told.text.extend_from_slice(&text[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
