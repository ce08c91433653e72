//! A report as it is stored: its text, and by what it is found.

use std::collections::BTreeSet;

use circuit_core::{ExecutionReport, Level, RecordId, RecordKey, StepKind};

use super::summary::Summary;

/// Longer words are cut, in reports and in searches.
const LONGEST: usize = 64;

/// How many different words of a report are kept.
const WORDS: usize = 3_000;

/// A report as it is stored.
pub(super) struct Row {
    pub(super) id: String,
    /// When it began, in microseconds since 1970.
    pub(super) started: i64,
    pub(super) summary: String,
    pub(super) report: String,
    /// By what it is found exactly: a kind and a value.
    pub(super) terms: BTreeSet<(String, String)>,
    /// The words of its messages.
    pub(super) words: BTreeSet<String>,
}

impl Row {
    pub(super) fn of(report: &ExecutionReport) -> serde_json::Result<Self> {
        Ok(Self {
            id: report.id.to_string(),
            started: report.start.timestamp_micros(),
            summary: serde_json::to_string(&Summary::of(report))?,
            report: serde_json::to_string(report)?,
            terms: terms(report),
            words: told(report).flat_map(words).take(WORDS).collect(),
        })
    }
}

/// Makes a term; the kinds are those that `terms` writes and [`Search`](super::Search) asks for.
pub(super) fn term(kind: &str, value: &dyn ToString) -> (String, String) {
    (cut(kind, 100), cut(&value.to_string(), 500))
}

/// Keeps a text within what an index of PostgreSQL takes, which knows no NUL either.
fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).map(|c| if c == '\0' { '\u{fffd}' } else { c }).collect()
}

/// The term of a value of an indexed field; its kind has a full stop, so it is like no other.
pub(super) fn key(key: &RecordKey) -> (String, String) {
    if key.field == "Id" {
        return key.value.parse().map_or_else(|_| term("record", &key.value), |id| record(&id));
    }
    let kind = format!("{}.{}", key.object.to_lowercase(), key.field.to_lowercase());
    term(&kind, &key.value)
}

/// The term of a record's id.
pub(super) fn record(id: &RecordId) -> (String, String) {
    term("record", &id.key())
}

/// The levels from the lowest to the highest.
const LEVELS: [(Level, &str); 4] = [
    (Level::Debug, "debug"),
    (Level::Info, "info"),
    (Level::Warn, "warn"),
    (Level::Error, "error"),
];

/// The term of executions with an entry of a level or of a higher one.
pub(super) fn level(level: Level) -> (String, String) {
    let named = LEVELS.iter().find(|(known, _)| *known == level);
    term("level", &named.map_or("error", |(_, name)| name))
}

fn terms(report: &ExecutionReport) -> BTreeSet<(String, String)> {
    let ids = std::iter::once(&report.id).chain(&report.earlier);
    let mut terms: BTreeSet<_> = ids.map(|id| term("execution", id)).collect();
    terms.extend(report.parent.map(|parent| term("parent", &parent)));
    terms.insert(term("outcome", &report.outcome));
    terms.extend(report.keys.iter().map(key));
    let ran = report.steps.iter().filter(|step| step.kind == StepKind::Handler);
    let ran = ran.map(|step| &step.name).chain(report.error.as_ref().map(|error| &error.handler));
    // Also those whose steps were left out; calls from outside are no handler's.
    let used = report.usage.handlers().filter(|name| **name != "host");
    let ran = ran.chain(used).filter(|name| !name.is_empty());
    terms.extend(ran.map(|name| term("handler", name)));
    let highest = report.log.iter().map(|entry| entry.level).max();
    let reached = LEVELS.iter().filter(|(known, _)| highest.is_some_and(|level| *known <= level));
    terms.extend(reached.map(|(known, _)| level(*known)));
    terms.extend(report.log.iter().filter_map(|entry| entry.record.as_ref()).map(record));
    terms
}

/// Returns the texts in which words are looked for.
fn told(report: &ExecutionReport) -> impl Iterator<Item = &str> {
    let failures =
        report.error.iter().chain(report.steps.iter().filter_map(|s| s.error.as_deref()));
    let failed = failures.flat_map(|failure| {
        let texts = std::iter::once(&failure.message).chain(&failure.causes).chain(&failure.rows);
        texts.map(String::as_str).chain([failure.code.as_str()])
    });
    let logged = report.log.iter().map(|entry| entry.message.as_str());
    failed.chain([report.origin.as_str()]).chain(logged)
}

/// Returns the words of a text: runs of letters and digits, in lower case.
///
/// The databases get words that are split already, so that all find the same.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> {
    let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    parts.map(|part| {
        let lower = part.chars().flat_map(char::to_lowercase);
        lower.filter(|c| c.is_alphanumeric()).take(LONGEST).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_runs_of_letters_and_digits_in_lower_case() {
        let split: Vec<_> = words("Task-3 of Müller's: O'Brien_x; \"a\" OR b* ").collect();
        assert_eq!(split, ["task", "3", "of", "müller", "s", "o", "brien", "x", "a", "or", "b"]);
    }

    #[test]
    fn a_word_has_nothing_but_letters_and_digits_also_in_lower_case() {
        let text: String = ('\u{0}'..='\u{ffff}').collect();
        assert!(words(&text).all(|word| word.chars().all(char::is_alphanumeric)));
    }
}
