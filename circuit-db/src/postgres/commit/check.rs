//! What a plan is checked against: versions, ids and unique values as the database has them.

use std::collections::{HashMap, HashSet};

use circuit_core::{Result, StatusCode, WriteKind, WriteProblem};
use tokio_postgres::Row;

use super::super::error::mapped;
use super::super::value::Array;
use super::batch::{Action, Asked, Batch, Question, Step};

/// A record that is locked.
struct Locked {
    version: i64,
    deleted: bool,
    keys: Vec<Option<String>>,
}

/// What was read at the beginning of the transaction; objects stand by their places.
#[derive(Default)]
pub(super) struct Seen {
    locked: HashMap<(usize, String), Locked>,
    existing: HashSet<(usize, String)>,
    /// Which record holds a value of a unique field.
    holders: HashMap<(usize, usize, String), String>,
}

impl Seen {
    pub(super) fn new(questions: Vec<Question<'_>>, answers: &[Vec<Row>]) -> Result<Self> {
        let mut seen = Self::default();
        for (question, rows) in questions.into_iter().zip(answers) {
            for row in rows {
                seen.add(&question, row).map_err(mapped)?;
            }
        }
        Ok(seen)
    }

    fn add(&mut self, question: &Question<'_>, row: &Row) -> Result<(), tokio_postgres::Error> {
        let (place, key) = (question.place, row.try_get(0)?);
        match question.asked {
            Asked::Versions => {
                let keys = (3..row.len()).map(|i| row.try_get(i)).collect::<Result<_, _>>()?;
                let locked = Locked { version: row.try_get(1)?, deleted: row.try_get(2)?, keys };
                self.locked.insert((place, key), locked);
            }
            Asked::Existing => {
                self.existing.insert((place, key));
            }
            Asked::Holders(field) => {
                self.holders.insert((place, field, row.try_get(1)?), key);
            }
        }
        Ok(())
    }

    /// Returns the first write whose record is not what it was based on.
    pub(super) fn conflict(&self, batch: &Batch) -> Option<usize> {
        batch.writes.iter().zip(&batch.places).position(|(write, place)| {
            if write.kind == WriteKind::Insert {
                return false;
            }
            let fits = |locked: &Locked| {
                let is_there = match write.kind {
                    WriteKind::Purge => true,
                    kind => locked.deleted == (kind == WriteKind::Undelete),
                };
                let version = u64::try_from(locked.version).ok();
                is_there && write.base.is_none_or(|base| Some(base.0) == version)
            };
            !self.locked.get(&(*place, write.id.key().to_owned())).is_some_and(fits)
        })
    }

    /// Returns every write whose values do not fit, or whose id or unique value is taken.
    pub(super) fn problems(&self, batch: &Batch, ask_holders: bool) -> Vec<WriteProblem> {
        let mut problems = batch.problems.clone();
        if !ask_holders {
            return problems;
        }
        let taken = |at: usize| {
            WriteProblem::new(at, StatusCode::DuplicateValue, "another record has this value")
        };
        let key = |at: usize| (batch.places[at], batch.writes[at].id.key().to_owned());
        let mut written: HashSet<(usize, String)> = HashSet::new();
        let changes = |at: &usize| batch.writes[*at].kind != WriteKind::Check;
        for at in (0..batch.writes.len()).filter(changes) {
            let is_new = batch.writes[at].kind == WriteKind::Insert;
            let is_double = !written.insert(key(at));
            if is_new && (is_double || self.existing.contains(&key(at))) {
                problems.push(taken(at).with_field("Id"));
            }
        }
        let mut claimed: HashSet<(usize, usize, &String)> = HashSet::new();
        for (at, claims) in batch.claims.iter().enumerate() {
            let place = batch.places[at];
            let table = &batch.tables[place];
            for ((i, claim), field) in claims.iter().enumerate().zip(table.unique_fields()) {
                let Some(claim) = claim else { continue };
                let holder = self.holders.get(&(place, i, claim.clone()));
                let free = holder.is_none_or(|id| written.contains(&(place, id.clone())));
                if !claimed.insert((place, i, claim)) || !free {
                    problems.push(taken(at).with_field(field.name()));
                }
            }
        }
        problems.sort_by_key(|problem| problem.write);
        problems
    }

    /// Returns what takes unique values from updated records because others of the plan claim them.
    pub(super) fn releases(&self, batch: &Batch) -> Vec<Step> {
        let mut claimed: HashMap<(usize, usize, &String), usize> = HashMap::new();
        for (at, claims) in batch.claims.iter().enumerate() {
            for (i, claim) in claims.iter().enumerate() {
                if let Some(claim) = claim {
                    claimed.insert((batch.places[at], i, claim), at);
                }
            }
        }
        let gives_up = |at: &usize| {
            let place = batch.places[*at];
            let key = (place, batch.writes[*at].id.key().to_owned());
            let held = self.locked.get(&key).map_or(&[][..], |locked| &locked.keys);
            batch.writes[*at].kind == WriteKind::Update
                && held.iter().enumerate().any(|(i, held)| {
                    let taker = held.as_ref().and_then(|held| claimed.get(&(place, i, held)));
                    taker.is_some_and(|taker| taker != at)
                })
        };
        let giving: Vec<usize> = (0..batch.writes.len()).filter(gives_up).collect();
        let of = |place: usize| giving.iter().filter(move |at| batch.places[**at] == place);
        (0..batch.tables.len())
            .filter(|place| of(*place).next().is_some())
            .map(|place| {
                let keys = Array::texts(of(place).map(|at| batch.writes[*at].id.key()));
                Step { place, action: Action::Release, arrays: vec![keys] }
            })
            .collect()
    }
}
