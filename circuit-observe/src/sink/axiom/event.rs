//! Lines as events of Axiom.

use std::io::Write;

use circuit_core::{ExecutionReport, LogEntry};
use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::header::HeaderValue;
use serde_json::{Map, Value, json};

use crate::sink::Line;
use crate::sink::queue::Queued;

/// The longest event that Axiom takes, in bytes.
const LONGEST: usize = 1_000_000;

pub(super) const ENCODING: HeaderValue = HeaderValue::from_static("gzip");
pub(super) const TYPE: HeaderValue = HeaderValue::from_static("application/x-ndjson");

/// Some of the first lines, ready to be sent as often as it takes.
#[derive(Debug, Clone)]
pub(super) struct Body {
    /// Events of JSON, a line each, compressed.
    pub(super) bytes: Vec<u8>,
    /// How many lines it stands for, and how many of these it has not: they are too long.
    pub(super) lines: usize,
    pub(super) too_long: u64,
}

impl Body {
    pub(super) fn of(lines: &[Queued], max_events: usize, max_bytes: usize) -> Self {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        let mut body = Self { bytes: Vec::new(), lines: 0, too_long: 0 };
        let (mut text, mut bytes) = (Vec::new(), 0);
        for queued in lines.iter().take(max_events) {
            text.clear();
            write(&event(&queued.line), &mut text);
            if bytes > 0 && bytes + text.len() > max_bytes {
                break;
            }
            body.lines += 1;
            if text.len() > LONGEST {
                body.too_long += 1;
                continue;
            }
            bytes += text.len();
            gzip.write_all(&text).expect("a buffer takes all");
        }
        body.bytes = gzip.finish().expect("a buffer takes all");
        body
    }

    /// Returns how many events it has.
    pub(super) fn events(&self) -> u64 {
        self.lines as u64 - self.too_long
    }
}

fn write(event: &Value, text: &mut Vec<u8>) {
    serde_json::to_writer(&mut *text, event).expect("names are texts, and a buffer takes all");
    text.push(b'\n');
}

fn event(line: &Line) -> Value {
    let mut event = match line {
        Line::Entry(entry) => of_entry(entry),
        Line::Execution(report) => of_execution(report),
        Line::Dropped(dropped) => {
            json!({"kind": "dropped", "count": dropped.count, "time": dropped.time})
        }
    };
    if let Some(time) = event.get_mut("time").map(Value::take) {
        event["_time"] = time;
        event.as_object_mut().map(|event| event.remove("time"));
    }
    event
}

/// The named values are one object, which can be made a map field in Axiom.
fn of_entry(entry: &LogEntry) -> Value {
    let mut event = serde_json::to_value(entry).expect("names are texts");
    event["kind"] = "entry".into();
    if !entry.data.is_empty() {
        let data = entry.data.iter().map(|(name, value)| (name.to_string(), value.clone()));
        event["data"] = Value::Object(data.collect::<Map<_, _>>());
    }
    event
}

/// What is told of an execution as a whole: a dataset has only so many fields.
fn of_execution(report: &ExecutionReport) -> Value {
    json!({
        "kind": "execution",
        "time": report.end,
        "id": report.id,
        "parent": report.parent,
        "origin": report.origin,
        "quiddity": report.quiddity,
        "user": report.user,
        "tenant": report.tenant,
        "object": report.object,
        "event": report.event,
        "records": report.records,
        "start": report.start,
        "duration_ms": report.duration.as_secs_f64() * 1e3,
        "usage": report.usage.total(),
        "limits": report.limits,
        "reruns": report.reruns,
        "outcome": report.outcome,
        "error": report.error,
        "host": report.host,
        "build": report.build,
        "steps": report.steps.len() as u64 + report.steps_left_out,
    })
}
