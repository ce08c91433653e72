//! One DML call: chunks of 200, each through the stages of the save path (A4).

use std::pin::pin;
use std::sync::Arc;

use tracing::Instrument;

use super::cascade::Effect;
use super::catalog::ObjectEntry;
use super::chunk::{Style, state};
use super::execution::Execution;
use crate::db::Version;
use crate::dml::{Call, DmlRequest, SaveMode, SaveResult, Verb};
use crate::error::{Error, ErrorKind, Result, RowFailure};
use crate::event::{EventPhase, Operation};
use crate::governor::Limit;
use crate::record::{Record, RecordId};
use crate::report::{Doing, StepKind};
use crate::schema::Phase;
use crate::transaction::{Because, Mark};
use crate::trigger::{ChunkInfo, FieldUpdate, RowState};
use crate::value::Text;

/// Up to 200 records of one object on their way through the save.
pub(super) struct Chunk {
    pub(super) object: Arc<ObjectEntry>,
    pub(super) operation: Operation,
    pub(super) info: ChunkInfo,
    pub(super) rows: Vec<RowState>,
    /// The versions of the rows that came from the store, by row.
    pub(super) versions: Vec<Option<Version>>,
    pub(super) style: Style,
    /// The record that takes in the deleted ones, in a merge.
    pub(super) master: Option<RecordId>,
    /// What changes along with its rows.
    pub(super) effects: Vec<Effect>,
    /// What came back along with its rows, by row.
    pub(super) restored: Vec<(usize, Text, RecordId)>,
    /// The rows that are in the transaction, by their place; kept where single ones are taken back.
    pub(super) staged: Vec<usize>,
    /// What after handlers want to have changed.
    pub(super) field_updates: Vec<FieldUpdate>,
    /// Whether a before handler assigned a value that its field does not take.
    pub(super) spoiled: bool,
}

impl Chunk {
    /// Returns the rows that nobody refused yet.
    pub(super) fn good(&mut self) -> impl Iterator<Item = &mut RowState> {
        self.rows.iter_mut().filter(|row| row.failures.is_empty())
    }
}

/// What one pass of a call came to: a result per row that it was given, in their order.
pub(super) struct Pass {
    pub(super) results: Vec<SaveResult>,
    pub(super) spoiled: bool,
}

impl Pass {
    pub(super) fn failed(&self) -> bool {
        self.results.iter().any(|result| !result.is_success())
    }
}

/// What came of the chunks so far.
#[derive(Default)]
struct Done {
    results: Vec<SaveResult>,
    /// The indexes of the results, where chunks do not come in the order of the rows.
    order: Vec<usize>,
    spoiled: bool,
}

impl Done {
    fn in_order(self) -> Pass {
        let Self { mut results, order, spoiled } = self;
        if !order.is_sorted() {
            let mut placed: Vec<_> = order.into_iter().zip(results).collect();
            placed.sort_by_key(|(index, _)| *index);
            results = placed.into_iter().map(|(_, result)| result).collect();
        }
        Pass { results, spoiled }
    }
}

/// Undoes everything since it was made, unless it is kept; also when a future is dropped.
pub(super) struct Undo<'a> {
    execution: &'a Execution,
    mark: Option<Mark>,
}

impl Undo<'_> {
    /// Keeps what was done.
    pub(super) fn keep(mut self) {
        self.mark = None;
    }

    /// Undoes what was done, for another attempt.
    pub(super) fn abandon(mut self) {
        if let Some(mark) = self.mark.take() {
            self.execution.transaction().rollback(mark, Because::Abandoned);
        }
    }
}

impl Drop for Undo<'_> {
    fn drop(&mut self) {
        if let Some(mark) = self.mark.take() {
            self.execution.transaction().rollback(mark, Because::Failed);
        }
    }
}

/// Notes that the DML call of a place is over.
struct Calling<'a>(&'a Execution);

impl Drop for Calling<'_> {
    fn drop(&mut self) {
        self.0.set_dml_step(None);
    }
}

impl Execution {
    pub(super) fn undo_point(&self) -> Undo<'_> {
        Undo { execution: self, mark: Some(self.transaction().mark()) }
    }

    /// Runs one DML call; on an error it and all that it set off are undone.
    pub(super) async fn save(&self, request: DmlRequest) -> Result<Vec<SaveResult>> {
        let span = self.dml_span(&request);
        if self.is_isolated() {
            let place = self.clone();
            let save = async move { pin!(place.save_here(request)).instrument(span).await };
            return Box::pin(self.isolated(save)).await;
        }
        pin!(self.save_here(request)).instrument(span).await
    }

    async fn save_here(&self, request: DmlRequest) -> Result<Vec<SaveResult>> {
        let _turn = self.turn().await?;
        if request.records.is_empty() {
            return Ok(Vec::new());
        }
        let (step, _calling) = self.dml_begins(&request);
        step.end(self.saved(request).await)
    }

    /// Notes the call, and that what it brings about is part of it.
    fn dml_begins(&self, request: &DmlRequest) -> (Doing<'_>, Calling<'_>) {
        let state = self.state();
        let (object, rows) = (request.records[0].object(), request.records.len());
        let step = self.step(StepKind::Dml, &Text::from_static(request.verb.name()));
        step.set(|step| (step.object, step.rows) = (object.clone(), rows as u64));
        state.recorder.about(object, None, rows);
        let records = request.records.iter();
        state.recorder.keys(&state.engine.indexed, records.map(|record| (record.id(), record)));
        self.set_dml_step(step.at());
        (step, Calling(self))
    }

    async fn saved(&self, request: DmlRequest) -> Result<Vec<SaveResult>> {
        let governor = self.governor();
        governor.charge(Limit::DmlStatements, 1, self.payer())?;
        governor.charge(Limit::DmlRows, request.records.len() as u64, self.payer())?;
        self.hold_written(&request.records)?;
        request.check().map_err(|error| self.place_of(error))?;
        match request.mode {
            SaveMode::AllOrNone => self.save_all(request).await,
            // Boxed, as other rare paths are: the future of every DML call is as large as its
            // largest path, and is moved several times.
            SaveMode::Partial => Box::pin(self.save_partial(request)).await,
            SaveMode::Isolate => Box::pin(self.save_isolated(request)).await,
        }
    }

    /// Processes every chunk, so that the errors of all records are collected (A6).
    async fn save_all(&self, request: DmlRequest) -> Result<Vec<SaveResult>> {
        let repeated = request.repeated();
        let (call, records) = request.into_parts();
        let object = records[0].object().clone();
        if !repeated.is_empty() {
            return Err(self.refused(&call, &object, repeated));
        }
        let undo = self.undo_point();
        let pass = self.pass(&call, records.into_iter().enumerate().collect(), 1).await?;
        if pass.failed() {
            let results = pass.results.into_iter();
            let mut failures: Vec<RowFailure> =
                results.flat_map(|result| result.errors().to_vec()).collect();
            failures.sort_by_key(|failure| failure.index);
            return Err(self.refused(&call, &object, failures));
        }
        undo.keep();
        Ok(pass.results)
    }

    /// Sends rows through the save, all chunks of them, once.
    pub(super) async fn pass(
        &self,
        call: &Call,
        rows: Vec<(usize, Record)>,
        attempt: u32,
    ) -> Result<Pass> {
        if call.verb == Verb::EmptyRecycleBin {
            return Box::pin(self.purge(rows)).await;
        }
        let mut done = Done { results: Vec::with_capacity(rows.len()), ..Done::default() };
        let chunks = self.split(rows).map_err(|error| self.place_of(error))?;
        let of = chunks.len();
        for (i, rows) in chunks.into_iter().enumerate() {
            let info = ChunkInfo { total: call.total, number: i + 1, of, attempt, refire: false };
            if let Verb::Plain(operation) = call.verb {
                let object = self.state().engine.catalog.get(rows[0].1.object());
                let rows = rows.into_iter().map(state).collect();
                let chunk = Chunk::new(&object, operation, info, rows, Style::of(call));
                self.run(call, chunk, &mut done).await?;
            } else {
                for chunk in Box::pin(self.parts(call, info, rows)).await? {
                    self.run(call, chunk, &mut done).await?;
                }
            }
        }
        Ok(done.in_order())
    }

    /// Sends one chunk through the stages and takes up what came of its rows.
    async fn run(&self, call: &Call, mut chunk: Chunk, done: &mut Done) -> Result<()> {
        let mark = self.transaction().mark();
        self.stages(&mut chunk).await?;
        if call.mode == SaveMode::Isolate {
            self.take_back_refused(&mut chunk, mark);
        }
        done.spoiled |= chunk.spoiled;
        if !matches!(call.verb, Verb::Plain(_)) {
            done.order.extend(chunk.rows.iter().map(|row| row.index));
        }
        let created = chunk.operation == Operation::Insert;
        let rows = chunk.rows.into_iter();
        done.results.extend(rows.map(|row| SaveResult::new(row.id, created, row.failures)));
        Ok(())
    }

    /// The stages of the save path, in the order of A4.
    async fn stages(&self, chunk: &mut Chunk) -> Result<()> {
        self.load(chunk).await?;
        self.check(chunk, Phase::Request).await?;
        self.fire(chunk, EventPhase::Before).await?;
        self.check(chunk, Phase::Save).await?;
        self.refuse_duplicates(chunk).await?;
        self.stage(chunk).await?;
        self.fire(chunk, EventPhase::After).await?;
        if chunk.field_updates.is_empty() {
            return Ok(());
        }
        Box::pin(self.update_fields(chunk)).await
    }

    fn refused(&self, call: &Call, object: &str, failures: Vec<RowFailure>) -> Error {
        let (verb, total) = (&call.verb, call.total);
        let mut rows: Vec<usize> = failures.iter().map(|failure| failure.index).collect();
        rows.dedup();
        let message = format!("{verb} refused: {} of {total} records have errors", rows.len());
        let error = Error::new(ErrorKind::Dml, message).with("object", object);
        self.place_of(error.with_failures(failures))
    }

    /// Adds where the call was made.
    fn place_of(&self, error: Error) -> Error {
        let error = error.with("handler", self.handler());
        let cause = self.cause().to_string();
        let error = if cause.is_empty() { error } else { error.with("cause", cause) };
        error.with("execution", self.id())
    }
}
