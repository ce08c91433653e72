//! CSV: a header row that names the columns, then a lead in each row.

use circuit_core::{Record, RecordId};
use csv_core::{ReadRecordResult, ReaderBuilder, Terminator};
use serde_json::Map;

use super::Source;
use super::column::{self, Column, Problem};
use super::error::InputError;
use super::lines::{Line, Lines};
use super::row::{Lead, Row};
use crate::lead::is_score_field;

/// The most bytes that a row may have when a quoted cell goes over its line.
const MAX_ROW: usize = 1 << 16;

/// Leads from CSV.
pub(crate) struct Csv {
    lines: Lines,
    parser: Parser,
    columns: Vec<Target>,
    /// Which of the columns is the id.
    id: usize,
}

/// What a column of the file is.
enum Target {
    Id,
    Known(&'static Column),
    /// Travels along as text.
    Other(String),
    /// Made by the rules, so not taken from outside.
    Ignored,
}

impl Csv {
    /// Reads the header.
    pub(crate) fn new(mut lines: Lines, delimiter: u8) -> Result<Self, InputError> {
        let mut parser = Parser::new(delimiter);
        let header = match lines.next_with_text()? {
            Some(first) => parser.row(first, &mut lines)?.1,
            None => return Err(InputError::header(lines.file(), "there is no line in it")),
        };
        let header = header.map_err(|problem| InputError::header(lines.file(), &problem.reason))?;
        let columns: Vec<Target> = header.iter().map(|name| Target::named(name.trim())).collect();
        let mut ids = columns.iter().enumerate().filter(|(_, column)| matches!(column, Target::Id));
        match (ids.next(), ids.next()) {
            (Some((id, _)), None) => Ok(Self { lines, parser, columns, id }),
            (None, _) => Err(InputError::header(lines.file(), "no column is called `id`")),
            _ => Err(InputError::header(lines.file(), "more than one column is called `id`")),
        }
    }

    fn lead(&self, cells: &[String]) -> Result<(RecordId, Record), Problem> {
        if cells.len() != self.columns.len() {
            let expected = format!("{} cells, as in the header", self.columns.len());
            return Err(Problem::expected("", &expected, &cells.len().to_string()));
        }
        let id = column::id_text(&cells[self.id])?;
        let mut record = column::contact(id.clone());
        let mut rest = Map::new();
        for (target, cell) in self.columns.iter().zip(cells) {
            match target {
                Target::Known(column) => {
                    record.set(column.name, column.kind.cell(column.name, cell)?);
                }
                Target::Other(_) if cell.is_empty() => {}
                Target::Other(name) => drop(rest.insert(name.clone(), cell.as_str().into())),
                Target::Id | Target::Ignored => {}
            }
        }
        column::keep(&mut record, rest);
        Ok((id, record))
    }
}

impl Target {
    fn named(name: &str) -> Self {
        match Column::named(name) {
            Some(column) => Self::Known(column),
            None if name.eq_ignore_ascii_case("id") => Self::Id,
            None if name.is_empty() || is_score_field(name) => Self::Ignored,
            None => Self::Other(name.to_owned()),
        }
    }
}

impl Source for Csv {
    fn next_row(&mut self) -> Result<Option<Row>, InputError> {
        let Some(first) = self.lines.next_with_text()? else {
            return Ok(None);
        };
        let (line, cells) = self.parser.row(first, &mut self.lines)?;
        let origin = self.lines.origin(line);
        Ok(Some(match cells.and_then(|cells| self.lead(&cells)) {
            Ok((id, record)) => Row::Lead(Lead { id, record, origin }),
            Err(problem) => Row::Rejected(origin.rejected(problem)),
        }))
    }

    fn done(&self) -> u64 {
        self.lines.done()
    }
}

/// Cuts rows into cells; a row with a quote left open costs that row and not the rest of the file.
struct Parser {
    core: csv_core::Reader,
    text: Vec<u8>,
    written: usize,
    ends: Vec<usize>,
    cells: usize,
}

impl Parser {
    fn new(delimiter: u8) -> Self {
        let core =
            ReaderBuilder::new().delimiter(delimiter).terminator(Terminator::Any(b'\n')).build();
        Self { core, text: vec![0; 1024], written: 0, ends: vec![0; 32], cells: 0 }
    }

    /// Reads the row that starts with this line; answers with the number of that line too.
    ///
    /// The outer error ends the file, the inner one costs the row.
    fn row(
        &mut self,
        first: Line,
        lines: &mut Lines,
    ) -> Result<(u64, Result<Vec<String>, Problem>), InputError> {
        let number = first.number;
        let text = match first.text {
            Ok(text) => text,
            Err(reason) => return Ok((number, Err(Problem::row(reason)))),
        };
        self.start();
        let mut complete = self.feed(&text);
        let mut bytes = text.len();
        let mut more = Vec::new();
        while !complete {
            let next = lines.next_line()?;
            let text = next.as_ref().and_then(|line| line.text.as_ref().ok());
            bytes += text.map_or(0, String::len);
            let Some(text) = text.filter(|_| bytes <= MAX_ROW) else {
                lines.give_back(more.into_iter().chain(next).collect());
                let problem = "expected a closing quote within 64 KiB, got none";
                return Ok((number, Err(Problem::row(problem))));
            };
            complete = self.feed(text);
            more.extend(next);
        }
        Ok((number, self.finish()))
    }

    fn start(&mut self) {
        self.core.reset();
        self.written = 0;
        self.cells = 0;
    }

    /// Takes one more line; answers whether the row ends with it.
    fn feed(&mut self, line: &str) -> bool {
        let mut input = [line.as_bytes(), b"\n"].concat();
        loop {
            let (result, read, written, cells) = self.core.read_record(
                &input,
                &mut self.text[self.written..],
                &mut self.ends[self.cells..],
            );
            input.drain(..read);
            self.written += written;
            self.cells += cells;
            match result {
                ReadRecordResult::Record => return true,
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return false,
                ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
            }
        }
    }

    fn finish(&self) -> Result<Vec<String>, Problem> {
        let mut start = 0;
        let cell = |end: &usize| {
            let bytes = self.text[start..*end].to_vec();
            start = *end;
            String::from_utf8(bytes)
                .map_err(|_| Problem::row("expected UTF-8 text, got other bytes"))
        };
        self.ends[..self.cells].iter().map(cell).collect()
    }
}
