//! Commits: check the whole plan, then apply it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use circuit_core::eval::{Finder, Scan, Source};
use circuit_core::{
    CommitOutcome, CommitPlan, Filter, IdPolicy, ObjectSchema, Record, RecordId, Rows, StatusCode,
    Stored, Text, Value, Version, Write, WriteKind, WriteProblem,
};

use super::rows::{Deletion, Row};
use super::table::{Table, keys_of};

/// Everything that the store holds.
#[derive(Debug, Default)]
pub(super) struct State {
    tables: Vec<Table>,
    by_name: HashMap<Text, usize>,
    version: u64,
    ids: u64,
}

impl Source for State {
    fn scan<'a>(&'a self, object: &str, rows: &Rows, filter: Option<&Filter>) -> Scan<'a> {
        self.table(object).map_or(Scan::NOTHING, |table| table.scan(rows, filter))
    }

    fn finder<'a>(&'a self, object: &str, rows: &'a Rows) -> Finder<'a> {
        let table = self.table(object);
        Box::new(move |id| table?.record(id, rows))
    }
}

impl State {
    pub(super) fn new(schemas: &[Arc<ObjectSchema>]) -> Self {
        let mut state = Self::default();
        for schema in schemas {
            state.by_name.insert(key(schema.object()), state.tables.len());
            state.tables.push(Table::new(Some(Arc::clone(schema))));
        }
        state
    }

    pub(super) fn table(&self, object: &str) -> Option<&Table> {
        self.by_name.get(&key(object)).map(|at| &self.tables[*at])
    }

    fn place(&mut self, object: &Text) -> usize {
        let tables = &mut self.tables;
        *self.by_name.entry(key(object)).or_insert_with(|| {
            tables.push(Table::new(None));
            tables.len() - 1
        })
    }

    /// Stores a plan whole or not at all.
    pub(super) fn commit(&mut self, mut plan: CommitPlan, policy: IdPolicy) -> CommitOutcome {
        let ids = if policy == IdPolicy::Store { self.assign(&mut plan) } else { HashMap::new() };
        let places = self.places(&plan);
        if let Some(write) = self.conflict(&plan, &places) {
            return CommitOutcome::Conflict { write };
        }
        let problems = self.problems(&plan, &places);
        if !problems.is_empty() {
            return CommitOutcome::Refused(problems);
        }
        self.release(&plan, &places);
        for (write, place) in plan.writes.into_iter().zip(places) {
            self.apply(write, place);
        }
        CommitOutcome::Committed { ids }
    }

    /// Returns the table of each write; writes of one object mostly stand together.
    fn places(&mut self, plan: &CommitPlan) -> Vec<usize> {
        let mut last: Option<(&Text, usize)> = None;
        let mut places = Vec::with_capacity(plan.writes.len());
        for write in &plan.writes {
            let object = write.record.object();
            let place = match last {
                Some((name, place)) if name == object => place,
                _ => self.place(object),
            };
            last = Some((object, place));
            places.push(place);
        }
        places
    }

    /// Gives final ids to new records and puts them into references.
    fn assign(&mut self, plan: &mut CommitPlan) -> HashMap<RecordId, RecordId> {
        let mut ids = HashMap::new();
        for write in plan.writes.iter().filter(|write| write.id.is_placeholder()) {
            self.ids += 1;
            let id = format!("m{:014}", self.ids).parse().expect("letters and digits are an id");
            ids.insert(write.id.clone(), id);
        }
        for write in &mut plan.writes {
            resolve(&mut write.record, &ids);
            if let Some(id) = ids.get(&write.id) {
                write.id = id.clone();
            }
            // A root that was never stored cannot come back, so nothing waits for it.
            write.deleted_with = write.deleted_with.take().filter(|root| !root.is_placeholder());
        }
        ids
    }

    /// Returns the first write whose record is not what it was based on.
    fn conflict(&self, plan: &CommitPlan, places: &[usize]) -> Option<usize> {
        let moved = |(write, place): (&Write, &usize)| {
            if write.kind == WriteKind::Insert {
                return false;
            }
            let fits = |deleted: bool| match write.kind {
                WriteKind::Purge => true,
                kind => deleted == (kind == WriteKind::Undelete),
            };
            !self.tables[*place].rows.get(&write.id).is_some_and(|row| {
                fits(!row.is_live()) && write.base.is_none_or(|base| base == row.stored.version)
            })
        };
        plan.writes.iter().zip(places).position(moved)
    }

    /// Returns every write whose id or unique value is taken.
    fn problems(&self, plan: &CommitPlan, places: &[usize]) -> Vec<WriteProblem> {
        let taken = |at: usize| {
            WriteProblem::new(at, StatusCode::DuplicateValue, "another record has this value")
        };
        let mut problems = Vec::new();
        for (at, (write, place)) in plan.writes.iter().zip(places).enumerate() {
            if write.kind == WriteKind::Insert && self.tables[*place].rows.contains_key(&write.id) {
                problems.push(taken(at).with_field("Id"));
            }
        }
        if self.tables.iter().all(|table| table.unique.is_empty()) {
            return problems;
        }
        let changed =
            plan.writes.iter().zip(places).filter(|(own, _)| own.kind != WriteKind::Check);
        let written: HashSet<(usize, &RecordId)> =
            changed.map(|(write, place)| (*place, &write.id)).collect();
        let mut claimed: HashSet<(usize, usize, Text)> = HashSet::new();
        for (at, (write, place)) in plan.writes.iter().zip(places).enumerate() {
            let table = &self.tables[*place];
            if matches!(write.kind, WriteKind::Delete | WriteKind::Purge | WriteKind::Check) {
                continue;
            }
            for (i, key) in keys_of(table, &write.record).into_iter().enumerate() {
                let Some(key) = key else { continue };
                let holder = table.unique[i].holders.get(&key);
                let free = holder.is_none_or(|id| written.contains(&(*place, id)));
                if !claimed.insert((*place, i, key)) || !free {
                    problems.push(taken(at).with_field(&table.unique[i].field));
                }
            }
        }
        problems.sort_by_key(|problem| problem.write);
        problems
    }

    /// Takes the old unique values out of the indexes, so that records may swap theirs.
    fn release(&mut self, plan: &CommitPlan, places: &[usize]) {
        for (write, place) in plan.writes.iter().zip(places) {
            if write.kind == WriteKind::Check {
                continue;
            }
            let table = &mut self.tables[*place];
            if table.unique.is_empty() {
                continue;
            }
            let Some(row) = table.rows.get(&write.id).filter(Row::is_live) else {
                continue;
            };
            let keys = keys_of(table, &row.stored.record);
            for (index, key) in table.unique.iter_mut().zip(keys) {
                if let Some(key) = key {
                    index.holders.remove(&key);
                }
            }
        }
    }

    fn apply(&mut self, write: Write, place: usize) {
        if write.kind == WriteKind::Check {
            return;
        }
        self.version += 1;
        let version = Version(self.version);
        let table = &mut self.tables[place];
        if write.kind == WriteKind::Purge {
            table.remove(&write.id);
            return;
        }
        let deleted = write.kind == WriteKind::Delete;
        if !deleted && !table.unique.is_empty() {
            let keys = keys_of(table, &write.record);
            for (index, key) in table.unique.iter_mut().zip(keys) {
                if let Some(key) = key {
                    index.holders.insert(key, write.id.clone());
                }
            }
        }
        let stored = Stored { record: write.record, version };
        let deletion = deleted.then(|| Deletion { with: write.deleted_with.map(|root| *root) });
        table.put(write.id, stored, deletion);
    }
}

fn key(object: &str) -> Text {
    Text::from(object).trim_to_ascii_lowercase()
}

/// Puts final ids where placeholders stand.
fn resolve(record: &mut Record, ids: &HashMap<RecordId, RecordId>) {
    let final_ids: Vec<(usize, RecordId)> = (0..record.shape().names().len())
        .filter_map(|slot| {
            let id = record.get_slot(slot).and_then(Value::as_id)?;
            Some((slot, ids.get(id)?.clone()))
        })
        .collect();
    for (slot, id) in final_ids {
        record.set_slot(slot, Value::Id(id));
    }
}
