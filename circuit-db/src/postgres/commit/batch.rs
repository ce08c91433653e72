//! A plan as arrays: the writes of each object and kind together, sorted by key.

use std::collections::HashMap;
use std::sync::Arc;

use circuit_core::{CommitPlan, Record, Result, Text, Value, Write, WriteKind, WriteProblem};

use super::super::Inner;
use super::super::encode::{SqlType, cells, columns, rest, unique_key};
use super::super::table::{Table, key};
use super::super::value::{Array, Cell};

/// The kinds in the order in which they run: unique values are released before they are claimed.
/// A check is done when the record is locked.
const ACTIONS: [(WriteKind, Action); 5] = [
    (WriteKind::Purge, Action::Purge),
    (WriteKind::Delete, Action::Delete),
    (WriteKind::Update, Action::Update),
    (WriteKind::Undelete, Action::Undelete),
    (WriteKind::Insert, Action::Insert),
];

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Release,
    Purge,
    Delete,
    Update,
    Undelete,
    Insert,
}

/// One statement over many records.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) place: usize,
    pub(super) action: Action,
    pub(super) arrays: Vec<Array>,
}

/// What is asked before the writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// The records that are written, which are locked.
    Versions,
    /// Which of the new ids there are.
    Existing,
    /// Who holds the values of the unique field with this place among the unique ones.
    Holders(usize),
}

/// A question about one object.
pub(super) struct Question<'a> {
    pub(super) place: usize,
    pub(super) asked: Asked,
    pub(super) sql: &'a str,
    pub(super) keys: Array,
}

/// A plan, ready to be sent as often as it takes.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) writes: Vec<Write>,
    /// The table of each write, as its place in `tables`.
    pub(super) places: Vec<usize>,
    /// The tables in the order in which they are locked.
    pub(super) tables: Vec<Arc<Table>>,
    pub(super) steps: Vec<Step>,
    /// The values that PostgreSQL cannot hold.
    pub(super) problems: Vec<WriteProblem>,
    /// The unique keys of each write that claims them.
    pub(super) claims: Vec<Vec<Option<String>>>,
}

impl Batch {
    pub(super) async fn new(inner: &Inner, plan: CommitPlan) -> Result<Self> {
        let writes = plan.writes;
        let (tables, places) = tables(inner, &writes).await?;
        let claims =
            writes.iter().zip(&places).map(|(w, place)| claims(&tables[*place], w)).collect();
        let mut batch =
            Self { writes, places, tables, steps: Vec::new(), problems: Vec::new(), claims };
        for (kind, action) in ACTIONS {
            for place in 0..batch.tables.len() {
                batch.add_step(kind, action, place);
            }
        }
        batch.problems.sort_by_key(|problem| problem.write);
        Ok(batch)
    }

    /// Returns the writes of an object that a condition keeps, in the order of their keys.
    fn sorted(&self, place: usize, keeps: impl Fn(&Write) -> bool) -> Vec<usize> {
        let mut found: Vec<usize> = (0..self.writes.len())
            .filter(|at| self.places[*at] == place && keeps(&self.writes[*at]))
            .collect();
        found.sort_by(|a, b| self.writes[*a].id.key().cmp(self.writes[*b].id.key()));
        found
    }

    fn keys(&self, writes: &[usize]) -> Array {
        Array::texts(writes.iter().map(|at| self.writes[*at].id.key()))
    }

    fn add_step(&mut self, kind: WriteKind, action: Action, place: usize) {
        let found = self.sorted(place, |write| write.kind == kind);
        if found.is_empty() {
            return;
        }
        let mut arrays = vec![self.keys(&found)];
        if action == Action::Insert {
            arrays.push(Array::texts(found.iter().map(|at| self.writes[*at].id.as_str())));
        }
        if action != Action::Purge {
            self.add_values(place, &found, &mut arrays);
        }
        match action {
            Action::Purge => {}
            Action::Delete => arrays.push(self.roots(&found)),
            _ => self.add_keys(place, &found, &mut arrays),
        }
        self.steps.push(Step { place, action, arrays });
    }

    /// Adds `_rest` and the declared fields; what does not fit becomes a problem of its write.
    fn add_values(&mut self, place: usize, found: &[usize], arrays: &mut Vec<Array>) {
        let table = Arc::clone(&self.tables[place]);
        let mut rests = Array::of(SqlType::Jsonb);
        for at in found {
            let value = rest(&self.writes[*at].record, table.schema.as_deref());
            rests.push(value.unwrap_or_else(|(field, unfit)| {
                self.problem(*at, unfit.status(), unfit.message(), field);
                Cell::Null
            }));
        }
        arrays.push(rests);
        for field in table.fields() {
            let types = columns(field.field_type());
            let mut own: Vec<Array> = types.iter().map(|(_, sql)| Array::of(*sql)).collect();
            for at in found {
                let value = value(&self.writes[*at].record, field.name());
                let fits = cells(field.field_type(), value);
                let (first, second) = fits.unwrap_or_else(|unfit| {
                    self.problem(*at, unfit.status(), unfit.message(), field.name().clone());
                    (Cell::Null, Cell::Null)
                });
                own.iter_mut().zip([first, second]).for_each(|(array, cell)| array.push(cell));
            }
            arrays.append(&mut own);
        }
    }

    /// The first problem of a write stays.
    fn problem(&mut self, at: usize, status: circuit_core::StatusCode, text: &str, field: Text) {
        if self.problems.iter().all(|problem| problem.write != at) {
            self.problems.push(WriteProblem::new(at, status, text).with_field(field));
        }
    }

    fn add_keys(&self, place: usize, found: &[usize], arrays: &mut Vec<Array>) {
        for field in 0..self.tables[place].unique.len() {
            let mut keys = Array::of(SqlType::Text);
            for at in found {
                keys.push(self.claims[*at][field].clone().map_or(Cell::Null, Cell::Text));
            }
            arrays.push(keys);
        }
    }

    fn roots(&self, found: &[usize]) -> Array {
        let mut roots = Array::of(SqlType::Text);
        for at in found {
            let root = self.writes[*at].deleted_with.as_ref();
            roots.push(root.map_or(Cell::Null, |root| Cell::Text(root.key().to_owned())));
        }
        roots
    }

    pub(super) fn sql(&self, step: &Step) -> &str {
        let table = &self.tables[step.place];
        match step.action {
            Action::Release => &table.release,
            Action::Purge => &table.purge,
            Action::Delete => &table.delete,
            Action::Update => &table.update,
            Action::Undelete => &table.undelete,
            Action::Insert => &table.insert,
        }
    }

    /// Returns what has to be asked; who holds values only after they were found taken.
    pub(super) fn questions(&self, ask_holders: bool) -> Vec<Question<'_>> {
        let mut questions = Vec::new();
        for (place, table) in self.tables.iter().enumerate() {
            let mut ask = |asked, sql, keys| {
                questions.push(Question { place, asked, sql, keys });
            };
            let old = self.sorted(place, |write| write.kind != WriteKind::Insert);
            if !old.is_empty() {
                ask(Asked::Versions, table.lock.as_str(), self.keys(&old));
            }
            if !ask_holders {
                continue;
            }
            let new = self.sorted(place, |write| write.kind == WriteKind::Insert);
            ask(Asked::Existing, table.existing.as_str(), self.keys(&new));
            for (field, sql) in table.holders.iter().enumerate() {
                let of = |at: &usize| self.places[*at] == place;
                let claims = (0..self.writes.len()).filter(of);
                let claims = claims.filter_map(|at| self.claims[at].get(field)?.clone());
                ask(Asked::Holders(field), sql.as_str(), Array::texts(claims));
            }
        }
        questions
    }
}

fn value<'a>(record: &'a Record, field: &str) -> &'a Value {
    record.get(field).unwrap_or(&Value::Null)
}

/// Finds the table of each write; all transactions go through the tables in one order.
async fn tables(inner: &Inner, writes: &[Write]) -> Result<(Vec<Arc<Table>>, Vec<usize>)> {
    let mut known: HashMap<Text, Arc<Table>> = HashMap::new();
    let mut names = Vec::with_capacity(writes.len());
    for write in writes {
        let name = key(write.record.object());
        if !known.contains_key(&name) {
            known.insert(name.clone(), inner.table_for_write(write.record.object()).await?);
        }
        names.push(name);
    }
    let mut sorted: Vec<(Text, Arc<Table>)> = known.into_iter().collect();
    sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
    let place = |name: &Text| sorted.iter().position(|(known, _)| known == name).unwrap_or(0);
    let places = names.iter().map(place).collect();
    Ok((sorted.into_iter().map(|(_, table)| table).collect(), places))
}

fn claims(table: &Table, write: &Write) -> Vec<Option<String>> {
    if matches!(write.kind, WriteKind::Delete | WriteKind::Purge | WriteKind::Check) {
        return vec![None; table.unique.len()];
    }
    table.unique_fields().map(|field| unique_key(value(&write.record, field.name()))).collect()
}
