//! The best loop we could write: rows are changed and kept where they were parsed.

use crate::floor::contact_line;
use crate::index::Index;
use crate::score::subject;
use crate::{CHUNK, Dump, Lead, Peer, Result, Score, Summary, TaskLine};

/// The parsed rows are the store; an index of row numbers makes them reachable by id.
#[derive(Debug, Default)]
pub struct FloorInPlace {
    rows: Vec<Lead>,
    index: Index,
    tasks: Vec<Task>,
}

/// A stored task; the contact is a row number.
#[derive(Debug)]
struct Task {
    contact: u32,
    score: Score,
    subject: String,
}

impl FloorInPlace {
    /// One chunk: before insert, store, after insert. Returns the sum of the scores.
    fn insert(&mut self, first: usize, end: usize) -> Result<i64> {
        self.rows[first..end].iter_mut().for_each(normalise);
        let mut scores = 0;
        for number in first..end {
            let row = u32::try_from(number)?;
            let rows = &self.rows;
            if !self.index.insert(row, |row| &rows[row as usize].id) {
                return Err(format!("{} is there twice", rows[number].id).into());
            }
            let lead = &rows[number];
            let score = Score::of(&lead.signals());
            scores += score.points();
            if score.wants_task() {
                let subject = subject(lead.first_name.as_deref(), lead.last_name.as_deref());
                self.tasks.push(Task { contact: row, score, subject });
            }
        }
        Ok(scores)
    }
}

fn normalise(lead: &mut Lead) {
    if let Some(email) = &mut lead.email {
        let blank = [' ', '\t', '\r', '\n'];
        email.truncate(email.trim_end_matches(blank).len());
        let lead_in = email.len() - email.trim_start_matches(blank).len();
        email.drain(..lead_in);
        email.make_ascii_lowercase();
    }
    match &mut lead.source {
        Some(source) if !source.is_empty() => source.make_ascii_lowercase(),
        source => default(source, "unknown"),
    }
    default(&mut lead.country, "US");
    default(&mut lead.status, "NEW");
}

/// An empty text keeps its place in memory.
fn default(field: &mut Option<String>, value: &str) {
    let text = field.get_or_insert_default();
    if text.is_empty() {
        text.push_str(value);
    }
}

impl Peer for FloorInPlace {
    fn name(&self) -> &'static str {
        "floor-in-place"
    }

    fn prepare(&mut self, rows: &[Lead]) -> Result<()> {
        *self = Self { rows: rows.to_vec(), ..Self::default() };
        Ok(())
    }

    fn run(&mut self) -> Result<Summary> {
        let records = self.rows.len();
        let mut score_sum = 0;
        for first in (0..records).step_by(CHUNK) {
            score_sum += self.insert(first, records.min(first + CHUNK))?;
        }
        Ok(Summary { records, tasks: self.tasks.len(), score_sum })
    }

    fn dump(&self) -> Result<Dump> {
        let tasks = self.tasks.iter().map(|task| TaskLine {
            contact_id: self.rows[task.contact as usize].id.clone(),
            score: task.score.points(),
            grade: task.score.grade().to_owned(),
            next_action: task.score.next_action().to_owned(),
            subject: task.subject.clone(),
        });
        Ok(Dump::new(self.rows.iter().map(contact_line).collect(), tasks.collect()))
    }
}
