//! The queries of `tests/corpus`: a line each.

use circuit_soql::Dialect;

/// A query of a corpus.
pub(crate) struct Sample {
    /// Its line in the file.
    pub(crate) line: usize,
    /// The dialects it is meant for.
    pub(crate) dialects: &'static [Dialect],
    /// The query, for an invalid one with the mark still in it.
    pub(crate) text: String,
    /// What the message must contain.
    pub(crate) message: Option<String>,
}

const BOTH: &[Dialect] = &[Dialect::Rest, Dialect::Apex];

/// Reads the queries that are valid.
pub(crate) fn valid() -> Vec<Sample> {
    read(include_str!("../corpus/valid.txt"))
}

/// Reads the queries that are not.
pub(crate) fn invalid() -> Vec<Sample> {
    read(include_str!("../corpus/invalid.txt"))
}

/// Reads the searches that are valid.
pub(crate) fn valid_sosl() -> Vec<Sample> {
    read(include_str!("../corpus/sosl_valid.txt"))
}

/// Reads the searches that are not.
pub(crate) fn invalid_sosl() -> Vec<Sample> {
    read(include_str!("../corpus/sosl_invalid.txt"))
}

fn read(file: &str) -> Vec<Sample> {
    let lines = file.lines().enumerate();
    lines.filter_map(|(at, line)| sample(at + 1, line)).collect()
}

fn sample(line: usize, text: &str) -> Option<Sample> {
    if text.is_empty() || text.starts_with('#') {
        return None;
    }
    let dialects = match &text[..1] {
        "R" => &BOTH[..1],
        "A" => &BOTH[1..],
        "B" => BOTH,
        other => panic!("line {line}: no dialect `{other}`"),
    };
    let rest = text[1..].strip_prefix(' ').unwrap_or_default();
    let (query, message) = match rest.split_once(" ### ") {
        Some((query, message)) => (query, Some(message.to_owned())),
        None => (rest, None),
    };
    let text = query.replace('␤', "\n").replace('␉', "\t");
    Some(Sample { line, dialects, text, message })
}
