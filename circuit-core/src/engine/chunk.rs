//! From the records of a call to its chunks (A3) and the operations that they stand for (A10).

use std::collections::HashSet;
use std::sync::Arc;

use super::catalog::{ObjectEntry, key as object_key};
use super::execution::Execution;
use super::merge::detach_master;
use super::save::Chunk;
use crate::dml::{Call, DmlRequest, SaveMode, Verb};
use crate::error::{Error, ErrorKind, Result, RowFailure, StatusCode};
use crate::event::Operation;
use crate::record::{ID_SLOT, Record, RecordId};
use crate::trigger::{ChunkInfo, RowState};
use crate::value::{Text, Value};

/// The most records that one invocation of a handler sees (A3).
const CHUNK: usize = 200;

/// The most chunks of a list of several objects (A3).
const MIXED_CHUNKS: usize = 10;

/// A record with its index in the caller's list.
type Row = (usize, Record);

impl DmlRequest {
    /// Refuses a call that cannot mean anything.
    pub(super) fn check(&self) -> Result<()> {
        let Verb::Merge { masters } = self.verb else {
            return Ok(());
        };
        let object = self.records[0].object();
        let ids: HashSet<_> = self.records.iter().filter_map(Record::id).collect();
        let message = if self.mode != SaveMode::AllOrNone {
            "a merge is always all or none"
        } else if masters != 1 || !(2..=3).contains(&self.records.len()) {
            "a merge has a master and one or two others"
        } else if self.records.iter().any(|other| !other.object().eq_ignore_ascii_case(object)) {
            "all records of a merge are of one object"
        } else if ids.len() < self.records.len() {
            "every record of a merge has an id of its own"
        } else {
            return Ok(());
        };
        Err(Error::new(ErrorKind::InvalidInput, message).with("object", object))
    }

    /// Returns the failures of rows whose id or key an earlier row of the list has.
    pub(super) fn repeated(&self) -> Vec<RowFailure> {
        let (field, status) = match &self.verb {
            Verb::Plain(Operation::Insert) => return Vec::new(),
            Verb::Upsert(Some(field)) => (field.clone(), StatusCode::DuplicateValue),
            _ => (Text::from_static("Id"), StatusCode::DuplicateValue),
        };
        let mut seen = HashSet::with_capacity(self.records.len());
        let mut failures = Vec::new();
        for (index, record) in self.records.iter().enumerate() {
            let key = if field == "Id" {
                id_of(record).map(|id| Text::from(id.key()))
            } else {
                record.get(&field).and_then(Value::unique_key)
            };
            let Some(key) = key else { continue };
            if !seen.insert((object_key(record.object()), key)) {
                let message = format!("the list has this {field} twice");
                failures.push(RowFailure::new(index, status, message).with_field(field.clone()));
            }
        }
        failures
    }
}

impl Execution {
    /// Splits at each change of object, in the order given, and then into chunks (A3).
    pub(super) fn split(&self, rows: Vec<Row>) -> Result<Vec<Vec<Row>>> {
        let alike = |row: &Row| same_object(&row.1, &rows[0].1);
        if rows.len() <= CHUNK && rows.iter().all(alike) {
            self.refuse_unknown(rows[0].1.object())?;
            return Ok(vec![rows]);
        }
        let mut chunks: Vec<Vec<Row>> = Vec::new();
        let mut mixed = false;
        let total = rows.len();
        for (i, row) in rows.into_iter().enumerate() {
            let (mut same, mut room) = (false, false);
            if let Some(chunk) = chunks.last() {
                same = same_object(&chunk[0].1, &row.1);
                room = chunk.len() < CHUNK;
                mixed |= !same;
            }
            if same && room {
                chunks.last_mut().expect("it has just been looked at").push(row);
            } else {
                let mut chunk = Vec::with_capacity(CHUNK.min(total - i));
                chunk.push(row);
                chunks.push(chunk);
            }
        }
        for chunk in &chunks {
            self.refuse_unknown(chunk[0].1.object())?;
        }
        if mixed && chunks.len() > MIXED_CHUNKS {
            let message = "a list of several objects may have at most 10 chunks; \
                           put the records of one object together, or make several calls";
            return Err(Error::new(ErrorKind::InvalidInput, message).with("chunks", chunks.len()));
        }
        Ok(chunks)
    }

    /// A store without open objects says at once that it does not know one.
    fn refuse_unknown(&self, object: &str) -> Result<()> {
        let engine = &self.state().engine;
        if engine.db.capability().open_objects.is_yes()
            || engine.catalog.get(object).schema.is_some()
        {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InvalidInput, "the store has no such object")
            .with("object", object)
            .with("store", engine.db.capability().name))
    }

    /// Returns the operations that a chunk of the call stands for, in the order in which they run.
    pub(super) async fn parts(
        &self,
        call: &Call,
        info: ChunkInfo,
        rows: Vec<Row>,
    ) -> Result<Vec<Chunk>> {
        let object = self.state().engine.catalog.get(rows[0].1.object());
        let part = |operation, rows| Chunk::new(&object, operation, info, rows, Style::of(call));
        Ok(match &call.verb {
            Verb::Plain(operation) => {
                vec![part(*operation, rows.into_iter().map(state).collect())]
            }
            Verb::Upsert(key) => {
                let (created, matched) = self.resolve(&object, key.as_ref(), rows).await?;
                let parts = [(Operation::Insert, created), (Operation::Update, matched)];
                let parts = parts.into_iter().filter(|(_, rows)| !rows.is_empty());
                parts.map(|(operation, rows)| part(operation, rows)).collect()
            }
            Verb::Merge { .. } => {
                let mut rows = rows.into_iter().map(state);
                let master: Vec<RowState> = rows.next().into_iter().collect();
                let mut others = part(Operation::Delete, rows.collect());
                others.master = master.first().and_then(|row| row.id.clone());
                let mut master = part(Operation::Update, master);
                detach_master(&others, &mut master);
                vec![others, master]
            }
            Verb::EmptyRecycleBin => Vec::new(),
        })
    }
}

/// Returns the row of a record that the caller gave.
pub(super) fn state((index, mut record): Row) -> RowState {
    if record.id().is_none()
        && let Some(id) = id_of(&record)
    {
        record.set_slot(ID_SLOT, Value::Id(id));
    }
    RowState {
        index,
        id: record.id().cloned(),
        new: Some(record),
        old: None,
        failures: Vec::new(),
        change: None,
    }
}

fn same_object(a: &Record, b: &Record) -> bool {
    Arc::ptr_eq(a.shape(), b.shape()) || a.object().eq_ignore_ascii_case(b.object())
}

/// Returns the record's id, also where it is written as text.
fn id_of(record: &Record) -> Option<RecordId> {
    match record.get_slot(ID_SLOT)? {
        Value::Id(id) => Some(id.clone()),
        Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

/// What a call says about the way its rows are saved.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Style {
    /// Texts that are too long are cut.
    pub(super) truncate: bool,
    /// Single rows are taken back.
    pub(super) isolate: bool,
}

impl Style {
    pub(super) fn of(call: &Call) -> Self {
        Self { truncate: call.truncate, isolate: call.mode == SaveMode::Isolate }
    }
}

impl Chunk {
    pub(super) fn new(
        object: &Arc<ObjectEntry>,
        operation: Operation,
        info: ChunkInfo,
        rows: Vec<RowState>,
        style: Style,
    ) -> Self {
        Self {
            object: Arc::clone(object),
            operation,
            info,
            versions: vec![None; rows.len()],
            rows,
            style,
            master: None,
            effects: Vec::new(),
            restored: Vec::new(),
            staged: Vec::new(),
            field_updates: Vec::new(),
            spoiled: false,
        }
    }
}
