//! Calls that save what they can: with attempts as in Apex (A7), or record by record.

use super::execution::Execution;
use super::save::Pass;
use crate::dml::{Call, DmlRequest, SaveResult};
use crate::error::{Error, ErrorKind, Result, RowFailure, StatusCode};
use crate::record::Record;

/// How often a partial save tries (A7).
const ATTEMPTS: u32 = 3;

const TOO_MANY: &str =
    "Too many batch retries in the presence of Apex triggers and partial failures.";

/// The results of a call, as far as they are known, and the rows that are still to be saved.
struct Progress {
    results: Vec<Option<SaveResult>>,
    left: Vec<(usize, Record)>,
}

/// What is saved once more after a pass in which rows failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    Nothing,
    CleanRows,
}

/// The result of a refused row: it has the id that it was given.
fn refused(record: &Record, errors: Vec<RowFailure>) -> SaveResult {
    SaveResult::new(record.id().cloned(), false, errors)
}

impl Progress {
    fn new(request: DmlRequest) -> (Call, Self) {
        let mut results: Vec<Option<SaveResult>> = vec![None; request.records.len()];
        for failure in request.repeated() {
            let index = failure.index;
            results[index] = Some(refused(&request.records[index], vec![failure]));
        }
        let (call, records) = request.into_parts();
        let rows = records.into_iter().enumerate();
        let left = rows.filter(|(index, _)| results[*index].is_none()).collect();
        (call, Self { results, left })
    }

    /// Takes over the results of a pass; answers whether any row failed.
    fn take(&mut self, pass: Pass, again: Again) -> bool {
        let failed = pass.failed();
        let rows = std::mem::take(&mut self.left);
        for ((index, record), result) in rows.into_iter().zip(pass.results) {
            if !result.is_success() {
                self.results[index] = Some(refused(&record, result.into_errors()));
            } else if failed && again == Again::CleanRows {
                self.left.push((index, record));
            } else {
                self.results[index] = Some(result);
            }
        }
        failed
    }

    /// Refuses what is left.
    fn refuse(&mut self, status: StatusCode, message: &str) {
        for (index, record) in std::mem::take(&mut self.left) {
            let failure = RowFailure::new(index, status, message);
            self.results[index] = Some(refused(&record, vec![failure]));
        }
    }

    fn done(self) -> Vec<SaveResult> {
        self.results.into_iter().map(|result| result.expect("each row has a result")).collect()
    }
}

impl Execution {
    /// Saves the records without errors; triggers run again on them after each attempt with errors.
    pub(super) async fn save_partial(&self, request: DmlRequest) -> Result<Vec<SaveResult>> {
        let (call, mut progress) = Progress::new(request);
        let before = self.governor().usage();
        for attempt in 1..=ATTEMPTS {
            if progress.left.is_empty() {
                break;
            }
            if attempt > 1 {
                self.governor().restore(&before);
            }
            let undo = self.undo_point();
            let pass = match self.pass(&call, progress.left.clone(), attempt).await {
                Ok(pass) => pass,
                Err(error) => {
                    undo.abandon();
                    progress.refuse_for(self, error)?;
                    break;
                }
            };
            let spoiled = pass.spoiled;
            if !progress.take(pass, Again::CleanRows) {
                undo.keep();
                break;
            }
            undo.abandon();
            if spoiled {
                let message = "a before handler assigned an invalid value to another record";
                progress.refuse(StatusCode::AllOrNoneOperationRolledBack, message);
            } else if attempt == ATTEMPTS {
                for result in progress.results.iter_mut().flatten().filter(|r| !r.is_success()) {
                    let index = result.errors()[0].index;
                    result.add(RowFailure::new(index, StatusCode::LimitExceeded, TOO_MANY));
                }
                progress.refuse(StatusCode::LimitExceeded, TOO_MANY);
            }
        }
        Ok(progress.done())
    }

    /// Saves the records without errors and takes back the others one by one; no handler runs twice.
    pub(super) async fn save_isolated(&self, request: DmlRequest) -> Result<Vec<SaveResult>> {
        let (call, mut progress) = Progress::new(request);
        let undo = self.undo_point();
        match self.pass(&call, progress.left.clone(), 1).await {
            Ok(pass) => {
                undo.keep();
                progress.take(pass, Again::Nothing);
            }
            Err(error) => {
                drop(undo);
                progress.refuse_for(self, error)?;
            }
        }
        Ok(progress.done())
    }
}

impl Progress {
    /// A handler that failed refuses every row (A6); what ends the execution goes on as it is.
    fn refuse_for(&mut self, execution: &Execution, error: Error) -> Result<()> {
        if !matches!(error.kind(), ErrorKind::Handler | ErrorKind::HandlerPanicked) {
            return Err(error);
        }
        let handler = error.context("handler").unwrap_or_default().to_owned();
        let mut message = format!("{handler}: {}", error.message());
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            message = format!("{message}: {cause}");
            source = cause.source();
        }
        execution
            .log()
            .error("a handler failed; every record of the call is refused")
            .with("handler", &handler);
        self.refuse(StatusCode::CannotInsertUpdateActivateEntity, &message);
        Ok(())
    }
}
