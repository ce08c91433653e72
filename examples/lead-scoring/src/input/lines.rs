//! Lines of a file, however the file looks: any line ending, any bytes, any length.

use std::collections::VecDeque;
use std::io::{self, BufRead};
use std::sync::Arc;

use super::error::InputError;
use super::row::Origin;

/// The most bytes that a line may have; the rest of a longer one is passed over, not kept.
pub(crate) const MAX_LINE: usize = 1 << 20;

/// One line without its end.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) number: u64,
    /// The text, or why it can't be used.
    pub(crate) text: Result<String, &'static str>,
}

impl Line {
    fn is_blank(&self) -> bool {
        self.text.as_ref().is_ok_and(|text| text.trim().is_empty())
    }
}

/// The lines of one file.
pub(crate) struct Lines {
    file: Arc<str>,
    input: Box<dyn BufRead + Send>,
    number: u64,
    done: u64,
    returned: VecDeque<Line>,
}

impl Lines {
    pub(crate) fn new(file: &str, input: Box<dyn BufRead + Send>) -> Self {
        Self { file: file.into(), input, number: 0, done: 0, returned: VecDeque::new() }
    }

    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    pub(crate) fn origin(&self, line: u64) -> Origin {
        Origin { file: Arc::clone(&self.file), line: Some(line) }
    }

    /// Returns the bytes read so far.
    pub(crate) fn done(&self) -> u64 {
        self.done
    }

    /// Hands lines back, to be read again in their order.
    pub(crate) fn give_back(&mut self, lines: Vec<Line>) {
        for line in lines.into_iter().rev() {
            self.returned.push_front(line);
        }
    }

    /// Returns the next line, or `None` at the end.
    pub(crate) fn next_line(&mut self) -> Result<Option<Line>, InputError> {
        if let Some(line) = self.returned.pop_front() {
            return Ok(Some(line));
        }
        let bytes = self
            .read_bytes()
            .map_err(|error| InputError::interrupted(&self.file, self.number, error))?;
        let Some(bytes) = bytes else { return Ok(None) };
        self.number += 1;
        let text = bytes.and_then(|bytes| {
            let bytes = if self.number == 1 { without_mark(bytes) } else { bytes };
            String::from_utf8(bytes).map_err(|_| "expected UTF-8 text, got other bytes")
        });
        Ok(Some(Line { number: self.number, text }))
    }

    /// Returns the next line that isn't blank.
    pub(crate) fn next_with_text(&mut self) -> Result<Option<Line>, InputError> {
        loop {
            match self.next_line()? {
                Some(line) if line.is_blank() => {}
                line => return Ok(line),
            }
        }
    }

    fn read_bytes(&mut self) -> io::Result<Option<Result<Vec<u8>, &'static str>>> {
        let mut bytes = Ok(Vec::new());
        let mut started = false;
        loop {
            let part = match self.input.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                part => part?,
            };
            if part.is_empty() {
                return Ok(started.then(|| bytes.map(without_return)));
            }
            started = true;
            let end = part.iter().position(|byte| *byte == b'\n');
            append(&mut bytes, &part[..end.unwrap_or(part.len())]);
            let used = end.map_or(part.len(), |end| end + 1);
            self.input.consume(used);
            self.done += used as u64;
            if end.is_some() {
                return Ok(Some(bytes.map(without_return)));
            }
        }
    }
}

fn append(line: &mut Result<Vec<u8>, &'static str>, part: &[u8]) {
    match line {
        Ok(bytes) if bytes.len() + part.len() <= MAX_LINE => bytes.extend_from_slice(part),
        _ => *line = Err("expected a line of at most 1 MiB, got a longer one"),
    }
}

fn without_return(mut line: Vec<u8>) -> Vec<u8> {
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    line
}

/// Some editors put a byte order mark before the first line.
fn without_mark(line: Vec<u8>) -> Vec<u8> {
    line.strip_prefix(b"\xEF\xBB\xBF").map(<[u8]>::to_vec).unwrap_or(line)
}
