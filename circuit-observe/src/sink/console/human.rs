//! A line for people.

use std::fmt::{self, Display, Formatter, Write};

use chrono::SecondsFormat;
use circuit_core::{ExecutionEnd, ExecutionReport, Level, LogEntry};
use serde_json::Value;

use crate::sink::{Dropped, Line};

/// A line for people: time, level, handler, message, `key=value`.
pub(super) struct Human<'a> {
    pub(super) line: &'a Line,
    pub(super) is_colored: bool,
}

impl Display for Human<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.line {
            Line::Entry(entry) => self.entry(f, entry),
            Line::Execution(report) => self.execution(f, report),
            Line::Dropped(dropped) => self.dropped(f, dropped),
        }
    }
}

impl Human<'_> {
    fn entry(&self, f: &mut Formatter<'_>, entry: &LogEntry) -> fmt::Result {
        self.start(f, entry.time, entry.level, &entry.handler)?;
        write!(f, "{}", Plain(&entry.message))?;
        for (name, value) in &entry.data {
            write!(f, " {}={}", Plain(name), Short(value))?;
        }
        pair(f, "object", &entry.object)?;
        if let Some(event) = entry.event {
            pair(f, "event", event.name())?;
        }
        if let Some(record) = &entry.record {
            pair(f, "record", record.as_ref())?;
        }
        pair(f, "user", &entry.user)?;
        pair(f, "tenant", &entry.tenant)?;
        pair(f, "target", &entry.target)?;
        write!(f, " execution={}", entry.execution)
    }

    fn execution(&self, f: &mut Formatter<'_>, report: &ExecutionReport) -> fmt::Result {
        self.start(f, report.end, level_of(report.outcome), "execution")?;
        write!(f, "{}", report.outcome)?;
        if let Some(error) = &report.error {
            write!(f, " ({} {})", Plain(&error.code), Plain(&error.message))?;
            pair(f, "handler", &error.handler)?;
        }
        write!(f, " took={:.1?} records={}", report.duration, report.records)?;
        pair(f, "object", &report.object)?;
        pair(f, "origin", &report.origin)?;
        pair(f, "user", &report.user)?;
        pair(f, "tenant", &report.tenant)?;
        write!(f, " execution={}", report.id)
    }

    fn dropped(&self, f: &mut Formatter<'_>, dropped: &Dropped) -> fmt::Result {
        self.start(f, dropped.time, Level::Warn, "log")?;
        write!(f, "{} lines dropped", dropped.count)
    }

    fn start(
        &self,
        f: &mut Formatter<'_>,
        time: chrono::DateTime<chrono::Utc>,
        level: Level,
        by: &str,
    ) -> fmt::Result {
        let (color, name) = match level {
            Level::Debug => (2, "DEBUG"),
            Level::Info => (32, " INFO"),
            Level::Warn => (33, " WARN"),
            Level::Error => (31, "ERROR"),
        };
        write!(f, "{} ", time.to_rfc3339_opts(SecondsFormat::Millis, true))?;
        if self.is_colored {
            write!(f, "\x1b[{color}m{name}\x1b[0m ")?;
        } else {
            write!(f, "{name} ")?;
        }
        write!(f, "{}: ", Plain(by))
    }
}

fn level_of(end: ExecutionEnd) -> Level {
    match end {
        ExecutionEnd::RolledBack => Level::Error,
        ExecutionEnd::Dropped => Level::Warn,
        _ => Level::Info,
    }
}

/// Writes ` name=value`; nothing if there is no value.
fn pair(f: &mut Formatter<'_>, name: &str, value: &str) -> fmt::Result {
    if value.is_empty() { Ok(()) } else { write!(f, " {name}={}", Word(value)) }
}

/// A text without its control characters: it can neither begin a new line nor steer a terminal.
struct Plain<'a>(&'a str);

impl Display for Plain<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            if c.is_control() {
                write!(f, "{}", c.escape_default())?;
            } else {
                f.write_char(c)?;
            }
        }
        Ok(())
    }
}

/// A text in quotes, unless it is one word.
struct Word<'a>(&'a str);

impl Display for Word<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let is_word = !self.0.is_empty()
            && !self
                .0
                .contains(|c: char| c.is_whitespace() || c.is_control() || "\"='".contains(c));
        if is_word { f.write_str(self.0) } else { write!(f, "{:?}", self.0) }
    }
}

/// A value in one line.
struct Short<'a>(&'a Value);

impl Display for Short<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::String(text) => write!(f, "{}", Word(text)),
            value => write!(f, "{}", Plain(&value.to_string())),
        }
    }
}
