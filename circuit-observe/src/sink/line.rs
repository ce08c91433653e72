//! What a sink takes: one line of a file, one event of a service.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use circuit_core::{ExecutionReport, LogEntry};
use serde::{Deserialize, Serialize, Serializer};

/// One line of what a sink writes: an object with the kind as its only key.
///
/// # Examples
/// ```
/// use circuit_observe::Line;
///
/// let text = r#"{"dropped":{"count":3,"time":"2026-11-21T08:00:00Z"}}"#;
/// let line: Line = serde_json::from_str(text)?;
/// assert!(matches!(&line, Line::Dropped(dropped) if dropped.count == 3));
/// assert_eq!(serde_json::to_string(&line)?, text);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Line {
    /// An entry of a log.
    Entry(Arc<LogEntry>),
    /// An execution that has ended. Its log is left empty: the entries are lines of their own.
    #[serde(serialize_with = "without_log")]
    Execution(Arc<ExecutionReport>),
    /// Lines that are missing here.
    Dropped(Dropped),
}

/// Lines that a sink could not take or hand on since it last said so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Dropped {
    /// How many.
    pub count: u64,
    /// When this was written down.
    pub time: DateTime<Utc>,
}

impl Dropped {
    pub(super) fn now(count: u64) -> Self {
        Self { count, time: Utc::now() }
    }
}

fn without_log<S: Serializer>(
    report: &Arc<ExecutionReport>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    if report.log.is_empty() {
        return report.serialize(serializer);
    }
    bare(report).serialize(serializer)
}

/// Returns the report without its log.
pub(super) fn bare(report: &ExecutionReport) -> ExecutionReport {
    let mut bare = report.clone();
    bare.log.clear();
    bare
}
