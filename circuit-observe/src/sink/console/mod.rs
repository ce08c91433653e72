//! Lines to the standard output, or another writer.

mod config;
mod human;

pub use config::{Color, ConsoleConfig, ConsoleFormat};

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;

use circuit_core::Result;

use self::human::Human;
use super::line::bare;
use super::queue::{Batch, Destination, Failure, Queue, Queued, Written};
use super::{Line, queued};

/// How many bytes are written at a time.
const CHUNK: usize = 64 << 10;

/// A sink that writes to the standard output, for people or as JSON.
///
/// A thread of its own writes, so that a pipe that nobody reads slows no handler: lines wait in the
/// queue, and what the queue cannot hold is dropped and counted.
///
/// # Examples
/// ```
/// use circuit_core::LogSink;
/// use circuit_observe::{Console, ConsoleConfig, ConsoleFormat};
///
/// let console = Console::new(ConsoleConfig::default().with_format(ConsoleFormat::Json))?;
/// assert_eq!(console.dropped(), 0);
/// # Ok::<(), circuit_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Console {
    queue: Queue,
}

impl Console {
    /// Starts a sink that writes to the standard output.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](circuit_core::ErrorKind::Configuration) if the queue could hold
    /// nothing; [`ErrorKind::Unavailable`](circuit_core::ErrorKind::Unavailable) without a thread.
    pub fn new(config: ConsoleConfig) -> Result<Self> {
        let is_colored = match config.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => io::stdout().is_terminal() && !no_color(),
        };
        Self::start(config, io::stdout(), is_colored)
    }

    /// Starts a sink that writes to something else, such as the standard error;
    /// [`Color::Auto`] means no colours there.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn to(config: ConsoleConfig, writer: impl Write + Send + 'static) -> Result<Self> {
        let is_colored = config.color == Color::Always;
        Self::start(config, writer, is_colored)
    }

    fn start(
        config: ConsoleConfig,
        writer: impl Write + Send + 'static,
        is_colored: bool,
    ) -> Result<Self> {
        config.queue.check()?;
        let output =
            Output { writer, format: config.format, is_colored, text: Vec::new(), at: 0, lines: 0 };
        Ok(Self { queue: Queue::start("console", config.queue, Batch::AT_ONCE, output)? })
    }
}

queued!(Console);

/// See no-color.org.
fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

struct Output<W> {
    writer: W,
    format: ConsoleFormat,
    is_colored: bool,
    /// What was begun to be written, of how many lines, and how far that got.
    text: Vec<u8>,
    lines: usize,
    at: usize,
}

impl<W: Write + Send + 'static> Destination for Output<W> {
    fn write(&mut self, lines: &[Queued]) -> Result<Written, Failure> {
        if self.text.is_empty() {
            self.render(lines);
        }
        while self.at < self.text.len() {
            match self.writer.write(&self.text[self.at..]) {
                Ok(0) => return Err(failure(&io::ErrorKind::WriteZero.into())),
                Ok(count) => self.at += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failure(&error)),
            }
        }
        self.writer.flush().map_err(|error| failure(&error))?;
        self.text.clear();
        self.at = 0;
        Ok(Written::all(self.lines))
    }

    fn settle(&mut self) -> Result<(), Failure> {
        self.writer.flush().map_err(|error| failure(&error))
    }
}

impl<W> Output<W> {
    fn render(&mut self, lines: &[Queued]) {
        self.lines = 0;
        for queued in lines {
            self.line(&queued.line);
            self.lines += 1;
            if self.text.len() >= CHUNK {
                break;
            }
        }
    }

    fn line(&mut self, line: &Line) {
        match self.format {
            ConsoleFormat::Human => {
                let human = Human { line, is_colored: self.is_colored };
                self.text.extend_from_slice(human.to_string().as_bytes());
            }
            ConsoleFormat::Json => self.json(line),
        }
        self.text.push(b'\n');
    }

    fn json(&mut self, line: &Line) {
        let short = match line {
            Line::Execution(report) => {
                let mut report = bare(report);
                report.steps_left_out += report.steps.len() as u64;
                report.steps.clear();
                // Values that the host indexes may be anybody's e-mail address.
                report.keys_left_out += report.keys.len() as u64;
                report.keys.clear();
                Some(Line::Execution(Arc::new(report)))
            }
            Line::Entry(_) | Line::Dropped(_) => None,
        };
        serde_json::to_writer(&mut self.text, short.as_ref().unwrap_or(line))
            .expect("names are texts, and a buffer takes all");
    }
}

fn failure(error: &io::Error) -> Failure {
    Failure::new(format!("the output cannot be written: {error}"))
}
