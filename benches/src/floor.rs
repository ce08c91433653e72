//! The floor: the loop one would write without a framework.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use foldhash::fast::FixedState;

use crate::score::subject;
use crate::{CHUNK, ContactLine, Dump, Lead, Peer, Result, Score, Summary, TaskLine};

/// A hash map from id to row, a list of tasks, chunks of 200.
#[derive(Debug, Default)]
pub struct Floor {
    input: Vec<Vec<Lead>>,
    contacts: HashMap<String, Lead, FixedState>,
    tasks: HashMap<String, Task, FixedState>,
}

/// A stored task.
#[derive(Debug)]
struct Task {
    score: i64,
    grade: &'static str,
    next_action: &'static str,
    subject: String,
}

impl Floor {
    /// One chunk: before insert, store, after insert. Returns the sum of the scores.
    fn insert(&mut self, mut chunk: Vec<Lead>) -> Result<i64> {
        chunk.iter_mut().for_each(normalise);
        let mut scores = 0;
        for lead in chunk {
            let stored = match self.contacts.entry(lead.id.clone()) {
                Entry::Vacant(place) => place.insert(lead),
                Entry::Occupied(place) => {
                    return Err(format!("{} is there twice", place.key()).into());
                }
            };
            let score = Score::of(&stored.signals());
            scores += score.points();
            if score.wants_task() {
                let id = stored.id.clone();
                self.tasks.insert(id, task(stored, score));
            }
        }
        Ok(scores)
    }
}

fn normalise(lead: &mut Lead) {
    if let Some(email) = &mut lead.email {
        *email = email.trim_matches([' ', '\t', '\r', '\n']).to_ascii_lowercase();
    }
    lead.source = match lead.source.as_deref() {
        None | Some("") => Some("unknown".to_owned()),
        Some(source) => Some(source.to_ascii_lowercase()),
    };
    default(&mut lead.country, "US");
    default(&mut lead.status, "NEW");
}

fn default(field: &mut Option<String>, value: &str) {
    if field.as_deref().is_none_or(str::is_empty) {
        *field = Some(value.to_owned());
    }
}

fn task(lead: &Lead, score: Score) -> Task {
    Task {
        score: score.points(),
        grade: score.grade(),
        next_action: score.next_action(),
        subject: subject(lead.first_name.as_deref(), lead.last_name.as_deref()),
    }
}

/// Returns the line of a contact.
pub(crate) fn contact_line(lead: &Lead) -> ContactLine {
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    ContactLine {
        id: lead.id.clone(),
        email: text(&lead.email),
        source: text(&lead.source),
        country: text(&lead.country),
        status: text(&lead.status),
    }
}

impl Peer for Floor {
    fn name(&self) -> &'static str {
        "floor"
    }

    fn prepare(&mut self, rows: &[Lead]) -> Result<()> {
        *self =
            Self { input: rows.chunks(CHUNK).map(<[Lead]>::to_vec).collect(), ..Self::default() };
        Ok(())
    }

    fn run(&mut self) -> Result<Summary> {
        let mut score_sum = 0;
        for chunk in std::mem::take(&mut self.input) {
            score_sum += self.insert(chunk)?;
        }
        Ok(Summary { records: self.contacts.len(), tasks: self.tasks.len(), score_sum })
    }

    fn dump(&self) -> Result<Dump> {
        let tasks = self.tasks.iter().map(|(id, task)| TaskLine {
            contact_id: id.clone(),
            score: task.score,
            grade: task.grade.to_owned(),
            next_action: task.next_action.to_owned(),
            subject: task.subject.clone(),
        });
        Ok(Dump::new(self.contacts.values().map(contact_line).collect(), tasks.collect()))
    }
}
