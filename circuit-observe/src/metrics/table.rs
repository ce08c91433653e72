//! The metrics: one table, from which descriptions, buckets and docs derive.

use ::metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

/// What a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MetricKind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Values counted in buckets.
    Histogram,
}

/// One metric: a row of [`Metrics::TABLE`](crate::Metrics::TABLE).
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct MetricRow {
    /// The name, as Prometheus shows it.
    pub name: &'static str,
    /// What it is.
    pub kind: MetricKind,
    /// What it counts or measures: `seconds`, `bytes`, `ratio` or a noun.
    pub unit: &'static str,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// The upper bounds that fit a histogram; empty for other kinds.
    pub buckets: &'static [f64],
    /// What it tells.
    pub about: &'static str,
}

impl MetricKind {
    /// Returns the word for it in tables: `counter`, `gauge` or `histogram`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

macro_rules! rows {
    ($($id:ident: $name:literal, $kind:ident, $unit:literal, $labels:expr, $buckets:expr, $about:literal;)+) => {
        $(pub(super) const $id: MetricRow = MetricRow {
            name: $name,
            kind: MetricKind::$kind,
            unit: $unit,
            labels: &$labels,
            buckets: $buckets,
            about: $about,
        };)+

        pub(super) const ALL: &[MetricRow] = &[$($id,)+];
    };
}

/// From a tenth of a millisecond, which a small execution takes, to beyond the limit of 30 s.
const SECONDS: &[f64] = &[
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
    5.0, 10.0, 30.0, 60.0,
];

/// With the shares that raise warnings.
const SHARES: &[f64] = &[0.01, 0.05, 0.1, 0.25, 0.5, 0.8, 0.9, 1.0];

const NONE: &[f64] = &[];

rows! {
    // id: name, kind, unit, labels, buckets, description
    EXECUTIONS: "circuit_executions_total", Counter, "executions", ["outcome", "quiddity", "object"], NONE, "Executions that ended.";
    EXECUTION_DURATION: "circuit_execution_duration_seconds", Histogram, "seconds", ["outcome", "quiddity", "object"], SECONDS, "Time from start to end of an execution.";
    HANDLER_DURATION: "circuit_handler_duration_seconds", Histogram, "seconds", ["handler"], SECONDS, "Time of one call of a handler or hook, with what it called.";
    HANDLER_CPU: "circuit_handler_cpu_seconds", Histogram, "seconds", ["handler"], SECONDS, "Processor time of one call of a handler or hook, without what it called.";
    ERRORS: "circuit_errors_total", Counter, "executions", ["code", "handler"], NONE, "Executions that failed, by the code of docs/errors and the handler at fault.";
    LIMIT_SHARE: "circuit_limit_share_ratio", Histogram, "ratio", ["limit"], SHARES, "Share of a limit that an execution used; over 1 where it was passed.";
    RERUNS: "circuit_reruns_total", Counter, "runs", ["object"], NONE, "Runs again because of a conflict.";
    STUCK: "circuit_stuck_handlers_total", Counter, "handlers", ["handler"], NONE, "Handlers that the watchdog found stuck.";
    LOG_ENTRIES: "circuit_log_entries_total", Counter, "entries", ["level"], NONE, "Entries written to logs.";
    QUEUE_LINES: "circuit_sink_queue_lines", Gauge, "lines", ["sink"], NONE, "Entries and reports that wait for a sink's destination.";
    QUEUE_BYTES: "circuit_sink_queue_bytes", Gauge, "bytes", ["sink"], NONE, "What these take in memory, as estimated.";
    SINK_WRITTEN: "circuit_sink_written_total", Counter, "lines", ["sink"], NONE, "Entries and reports that a sink's destination took.";
    SINK_DROPPED: "circuit_sink_dropped_total", Counter, "lines", ["sink"], NONE, "Entries and reports that a sink dropped.";
    SINK_FAILURES: "circuit_sink_failures_total", Counter, "tries", ["sink"], NONE, "Tries of a sink that failed; what they were to write stays in the queue.";
}

/// Tells the recorder what each metric is.
pub(super) fn describe() {
    for row in ALL {
        let unit = match row.unit {
            "seconds" => Unit::Seconds,
            "bytes" => Unit::Bytes,
            _ => Unit::Count,
        };
        match row.kind {
            MetricKind::Counter => describe_counter!(row.name, unit, row.about),
            MetricKind::Gauge => describe_gauge!(row.name, unit, row.about),
            MetricKind::Histogram => describe_histogram!(row.name, unit, row.about),
        }
    }
}
