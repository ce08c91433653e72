//! The output for machines: a line of JSON for each lead, then one for the whole run.

use std::collections::BTreeMap;
use std::io::{self, Write};

use lead_scoring::input::Rejected;
use serde::Serialize;

use crate::store::Scored;
use crate::tally::Tally;

#[derive(Serialize)]
struct LeadLine<'a> {
    id: &'a str,
    fit: Option<i64>,
    intent: Option<i64>,
    timing: Option<i64>,
    score: Option<i64>,
    grade: Option<&'a str>,
    next_action: Option<&'a str>,
    email: Option<&'a str>,
    source: Option<&'a str>,
    country: Option<&'a str>,
    status: Option<&'a str>,
    task: Option<&'a str>,
}

/// Prints the line of one lead.
pub(crate) fn lead(out: &mut impl Write, lead: &Scored) -> io::Result<()> {
    let contact = &lead.contact;
    let line = LeadLine {
        id: lead.id.as_str(),
        fit: contact.fit,
        intent: contact.intent,
        timing: contact.timing,
        score: contact.score,
        grade: contact.grade.as_deref(),
        next_action: contact.next_action.as_deref(),
        email: contact.email.as_deref(),
        source: contact.source.as_deref(),
        country: contact.country.as_deref(),
        status: contact.status.as_deref(),
        task: lead.task.as_deref(),
    };
    line_of(out, &line)
}

#[derive(Serialize)]
struct Summary<'a> {
    summary: Totals<'a>,
}

#[derive(Serialize)]
struct Totals<'a> {
    scored: u64,
    inserted: u64,
    updated: u64,
    tasks: u64,
    grades: BTreeMap<&'static str, u64>,
    rejected: usize,
    rejections: Vec<Rejection<'a>>,
    skipped: &'a BTreeMap<String, u64>,
    executions: u64,
    governor: BTreeMap<String, Used>,
    seconds: f64,
    micros_per_lead: u128,
    database: &'a str,
}

#[derive(Serialize)]
struct Rejection<'a> {
    file: &'a str,
    line: Option<u64>,
    field: Option<&'a str>,
    reason: &'a str,
}

/// The most that one execution used of something.
#[derive(Serialize)]
struct Used {
    used: u64,
    limit: u64,
}

/// Prints the line of the whole run.
pub(crate) fn summary(out: &mut impl Write, tally: &Tally, database: &str) -> io::Result<()> {
    let used = |(noun, used, limit): (&str, u64, u64)| {
        (noun.to_lowercase().replace(' ', "_"), Used { used, limit })
    };
    let summary = Totals {
        scored: tally.scored(),
        inserted: tally.inserted,
        updated: tally.updated,
        tasks: tally.tasks,
        grades: tally.grades.iter().map(|(grade, count)| (grade.as_str(), *count)).collect(),
        rejected: tally.rejected.len(),
        rejections: tally.rejected.iter().map(Rejection::of).collect(),
        skipped: &tally.skipped,
        executions: tally.usage.executions(),
        governor: tally.usage.rows().map(used).collect(),
        seconds: tally.time.as_secs_f64(),
        micros_per_lead: tally.micros_per_lead(),
        database,
    };
    line_of(out, &Summary { summary })
}

impl<'a> Rejection<'a> {
    fn of(rejected: &'a Rejected) -> Self {
        Self {
            file: &rejected.origin.file,
            line: rejected.origin.line,
            field: rejected.field.as_deref(),
            reason: &rejected.reason,
        }
    }
}

fn line_of(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    writeln!(out)
}
