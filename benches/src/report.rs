//! What the programs say.

use std::fmt::Arguments;
use std::io::{self, Write};

/// Writes a line to the standard output; a reader that has gone away is no error.
pub fn say(line: Arguments<'_>) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Writes a heading with an empty line before it.
pub fn heading(text: &str) {
    say(format_args!("\n{text}"));
}

/// Writes a line of a table: a name and its values.
pub fn line(name: &str, values: Arguments<'_>) {
    say(format_args!("  {name:<44}{values}"));
}
