//! Exports: what a search finds, for other programs.

use std::collections::VecDeque;
use std::fmt;
use std::io::Write;

use circuit_core::{Error, ErrorKind, Limit, Result};

use super::backend::Found;
use super::search::Search;
use super::summary::Summary;
use super::{ReportStore, read};

/// How many reports are read at a time.
const PAGE: usize = 100;

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportFormat {
    /// A line of JSON for each report, with its steps and its log.
    Jsonl,
    /// A table of the facts that a search shows, with a line of names above.
    ///
    /// A cell that a spreadsheet would take for a formula has `'` before it.
    Csv,
}

/// An export under way. It has at most 100 reports in memory.
///
/// # Examples
/// ```no_run
/// # async fn example(store: circuit_observe::ReportStore) -> circuit_core::Result<()> {
/// use circuit_observe::{ExportFormat, Search};
///
/// let file = std::fs::File::create("reports.jsonl").expect("a place to write to");
/// let mut file = std::io::BufWriter::new(file);
/// let written = store.export(ExportFormat::Jsonl, Search::new()).write_to(&mut file).await?;
/// println!("{written} reports");
/// # Ok(())
/// # }
/// ```
pub struct Export {
    store: ReportStore,
    format: ExportFormat,
    search: Search,
    /// How many are still wanted.
    left: usize,
    waiting: VecDeque<(i64, String)>,
    began: bool,
}

impl Export {
    pub(super) fn new(store: ReportStore, format: ExportFormat, search: Search) -> Self {
        let left = search.limit.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
        Self { store, format, search, left, waiting: VecDeque::new(), began: false }
    }

    /// Returns the next bytes, whole lines always; `None` at the end. For writers of any kind.
    ///
    /// # Errors
    /// As [`ReportStore::search`].
    pub async fn next_chunk(&mut self) -> Result<Option<Vec<u8>>> {
        let is_first = !std::mem::replace(&mut self.began, true);
        if is_first && self.format == ExportFormat::Csv {
            return Ok(Some(line(NAMES)?));
        }
        self.fetch().await?;
        let Some((_, text)) = self.waiting.pop_front() else {
            return Ok(None);
        };
        match self.format {
            ExportFormat::Jsonl => Ok(Some((text + "\n").into_bytes())),
            ExportFormat::Csv => Ok(Some(line(cells(&read(&text)?))?)),
        }
    }

    /// Writes all of it; answers how many lines were written. Writing is done in place: give it a
    /// writer that is buffered and does not wait for long.
    ///
    /// # Errors
    /// As [`ReportStore::search`], and [`ErrorKind::Unavailable`] if it cannot be written.
    pub async fn write_to(mut self, to: &mut (dyn Write + Send)) -> Result<u64> {
        let failed = |error: std::io::Error| {
            Error::new(ErrorKind::Unavailable, "an export cannot be written").with_source(error)
        };
        let mut lines = 0;
        while let Some(chunk) = self.next_chunk().await? {
            to.write_all(&chunk).map_err(failed)?;
            lines += 1;
        }
        to.flush().map_err(failed)?;
        Ok(lines)
    }

    async fn fetch(&mut self) -> Result<()> {
        if !self.waiting.is_empty() || self.left == 0 {
            return Ok(());
        }
        let what = match self.format {
            ExportFormat::Jsonl => Found::Report,
            ExportFormat::Csv => Found::Summary,
        };
        let wanted = self.left.min(PAGE);
        self.waiting = self.store.find(self.search.clone().limit(wanted), what).await?.into();
        self.left = if self.waiting.len() < wanted { 0 } else { self.left - wanted };
        if let Some((place, _)) = self.waiting.back() {
            self.search.before = *place;
        }
        Ok(())
    }
}

const NAMES: [&str; 27] = [
    "id",
    "parent",
    "start",
    "seconds",
    "outcome",
    "object",
    "records",
    "origin",
    "user",
    "tenant",
    "handler",
    "code",
    "error",
    "level",
    "entries",
    "event",
    "end",
    "cpu_ms",
    "memory_bytes",
    "queries",
    "query_rows",
    "dml_statements",
    "dml_rows",
    "callouts",
    "reruns",
    "host",
    "build",
];

fn cells(summary: &Summary) -> [String; 27] {
    let error = summary.error.as_ref();
    let used = |limit| summary.used.of(limit).to_string();
    [
        summary.id.to_string(),
        summary.parent.map(|parent| parent.to_string()).unwrap_or_default(),
        summary.start.to_rfc3339(),
        format!("{:.6}", summary.duration.as_secs_f64()),
        summary.outcome.to_string(),
        summary.object.to_string(),
        summary.records.to_string(),
        summary.origin.to_string(),
        summary.user.to_string(),
        summary.tenant.to_string(),
        error.map(|error| error.handler.to_string()).unwrap_or_default(),
        error.map(|error| error.code.to_string()).unwrap_or_default(),
        error.map(ToString::to_string).unwrap_or_default(),
        summary.level.map(|level| format!("{level:?}").to_lowercase()).unwrap_or_default(),
        summary.entries.to_string(),
        summary.event.map(|event| event.to_string()).unwrap_or_default(),
        summary.end.to_rfc3339(),
        used(Limit::CpuTime),
        used(Limit::HeapSize),
        used(Limit::Queries),
        used(Limit::QueryRows),
        used(Limit::DmlStatements),
        used(Limit::DmlRows),
        used(Limit::Callouts),
        summary.reruns.to_string(),
        summary.host.to_string(),
        summary.build.to_string(),
    ]
}

fn line(cells: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let cells = cells.into_iter().map(|cell| harmless(cell.as_ref()));
    let failed = |error: csv::Error| {
        Error::new(ErrorKind::Corrupt, "a report cannot be written as CSV").with_source(error)
    };
    writer.write_record(cells).map_err(failed)?;
    writer.into_inner().map_err(|error| failed(error.into_error().into()))
}

/// Keeps spreadsheets from taking a cell for a formula.
fn harmless(cell: &str) -> String {
    let lead = if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { "'" } else { "" };
    format!("{lead}{cell}")
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export").field("format", &self.format).finish_non_exhaustive()
    }
}
