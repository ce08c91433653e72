//! What the commands say.

use std::fmt::Arguments;
use std::io::{self, Write};

/// Writes a line to the standard output; a reader that has gone away is no error.
pub(crate) fn say(line: Arguments<'_>) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
