//! One DML call: chunks of 200, each through the stages of the save path (A4).

use std::collections::HashSet;
use std::sync::Arc;

use super::catalog::ObjectEntry;
use super::execution::Execution;
use crate::db::Version;
use crate::dml::SaveResult;
use crate::error::{Error, ErrorKind, Result, RowFailure, StatusCode};
use crate::event::{EventPhase, Operation};
use crate::governor::Limit;
use crate::record::Record;
use crate::schema::Phase;
use crate::trigger::{ChunkInfo, RowState};

/// The most records that one invocation of a handler sees (A3).
const CHUNK: usize = 200;

/// Up to 200 records of one object on their way through the save.
pub(super) struct Chunk {
    pub(super) object: Arc<ObjectEntry>,
    pub(super) operation: Operation,
    pub(super) info: ChunkInfo,
    pub(super) rows: Vec<RowState>,
    /// The versions of the rows that came from the store, by row.
    pub(super) versions: Vec<Option<Version>>,
}

impl Chunk {
    /// Returns the rows that nobody refused yet.
    pub(super) fn good(&mut self) -> impl Iterator<Item = &mut RowState> {
        self.rows.iter_mut().filter(|row| row.failures.is_empty())
    }
}

impl Execution {
    /// Runs one DML call; on an error it and all that it set off are undone.
    pub(super) async fn save(
        &self,
        operation: Operation,
        records: Vec<Record>,
    ) -> Result<Vec<SaveResult>> {
        let _turn = self.turn().await?;
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let governor = self.governor();
        governor.charge(Limit::DmlStatements, 1, self.handler())?;
        governor.charge(Limit::DmlRows, records.len() as u64, self.handler())?;
        let mark = self.transaction().mark();
        let result = self.save_all(operation, records).await;
        if result.is_err() {
            self.transaction().rollback(mark);
        }
        result
    }

    /// Processes every chunk, so that the errors of all records are collected (A6).
    async fn save_all(
        &self,
        operation: Operation,
        records: Vec<Record>,
    ) -> Result<Vec<SaveResult>> {
        let total = records.len();
        refuse_repeated_ids(operation, &records)?;
        let chunks = split(records);
        let count = chunks.len();
        let mut ids = Vec::with_capacity(total);
        let mut failures = Vec::new();
        for (i, (first, records)) in chunks.into_iter().enumerate() {
            let info = ChunkInfo::new(total, i + 1, count);
            let mut chunk = self.chunk(operation, info, first, records);
            self.run(&mut chunk).await?;
            for row in chunk.rows {
                failures.extend(row.failures);
                ids.extend(row.id);
            }
        }
        if failures.is_empty() {
            return Ok(ids.into_iter().map(SaveResult::new).collect());
        }
        failures.sort_by_key(|failure| failure.index);
        Err(self.refused(operation, total, failures))
    }

    fn chunk(
        &self,
        operation: Operation,
        info: ChunkInfo,
        first: usize,
        records: Vec<Record>,
    ) -> Chunk {
        let object = self.state().engine.catalog.get(records[0].object());
        let versions = vec![None; records.len()];
        let row = |(i, record): (usize, Record)| RowState {
            index: first + i,
            id: record.id().cloned(),
            new: Some(record),
            old: None,
            failures: Vec::new(),
        };
        let rows = records.into_iter().enumerate().map(row).collect();
        Chunk { object, operation, info, rows, versions }
    }

    /// The stages of the save path, in the order of A4.
    async fn run(&self, chunk: &mut Chunk) -> Result<()> {
        self.load(chunk).await?;
        self.check(chunk, Phase::Request).await?;
        self.fire(chunk, EventPhase::Before).await?;
        self.check(chunk, Phase::Save).await?;
        self.refuse_duplicates(chunk).await?;
        self.stage(chunk).await?;
        self.fire(chunk, EventPhase::After).await
    }

    fn refused(&self, operation: Operation, total: usize, failures: Vec<RowFailure>) -> Error {
        let mut rows: Vec<usize> = failures.iter().map(|failure| failure.index).collect();
        rows.dedup();
        let message = format!("{operation} refused: {} of {total} records have errors", rows.len());
        Error::new(ErrorKind::Dml, message)
            .with("handler", self.handler())
            .with("execution", self.id())
            .with_failures(failures)
    }
}

/// Splits at each change of object, in the order given, and then into chunks (A3).
fn split(records: Vec<Record>) -> Vec<(usize, Vec<Record>)> {
    let mut chunks: Vec<(usize, Vec<Record>)> = Vec::new();
    let total = records.len();
    for (index, record) in records.into_iter().enumerate() {
        match chunks.last_mut() {
            Some((_, chunk))
                if chunk.len() < CHUNK
                    && chunk[0].object().eq_ignore_ascii_case(record.object()) =>
            {
                chunk.push(record);
            }
            _ => {
                let mut chunk = Vec::with_capacity(CHUNK.min(total - index));
                chunk.push(record);
                chunks.push((index, chunk));
            }
        }
    }
    chunks
}

/// An id twice in one update, delete or undelete refuses the call, as Apex's list DML does.
fn refuse_repeated_ids(operation: Operation, records: &[Record]) -> Result<()> {
    if operation == Operation::Insert {
        return Ok(());
    }
    let mut seen = HashSet::with_capacity(records.len());
    let mut failures = Vec::new();
    for (index, record) in records.iter().enumerate() {
        let Some(id) = record.id() else { continue };
        if !seen.insert((record.object(), id)) {
            let message = "the id is in the list twice";
            let failure = RowFailure::new(index, StatusCode::DuplicateValue, message);
            failures.push(failure.with_field("Id"));
        }
    }
    if failures.is_empty() {
        return Ok(());
    }
    let message = format!("{operation} refused: an id is in the list twice");
    Err(Error::new(ErrorKind::Dml, message).with_failures(failures))
}
