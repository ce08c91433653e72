//! The sizes of files that the house style allows.

use crate::report::say;
use crate::workspace::{Result, Workspace};

/// A file without its tests.
const LONGEST_FILE: usize = 600;
/// Half of the files.
const MEDIAN_FILE: usize = 200;
/// Nine files in ten.
const MOST_FILES: usize = 450;
/// A lib.rs, without comments and blank lines.
const LONGEST_LIB: usize = 60;

/// Checks every Rust file.
pub(crate) fn check(workspace: &Workspace) -> Result {
    let mut problems = Vec::new();
    let mut lengths = Vec::new();
    for file in workspace.files(&["rs"])? {
        let text = workspace.read(&file)?;
        let length = lines_without_tests(&text);
        lengths.push(length);
        if length > LONGEST_FILE {
            problems.push(format!("{file}: {length} lines without tests, at most {LONGEST_FILE}"));
        }
        let code = lines_of_code(&text);
        if file.ends_with("src/lib.rs") && code > LONGEST_LIB {
            problems.push(format!("{file}: {code} lines of code, at most {LONGEST_LIB}"));
        }
    }
    lengths.sort_unstable();
    let at = |share: usize| lengths.get(lengths.len() * share / 100).copied().unwrap_or(0);
    let (median, most) = (at(50), at(90));
    say(format_args!("{} files, median {median} lines, 9 in 10 up to {most}", lengths.len()));
    if median > MEDIAN_FILE || most > MOST_FILES {
        problems.push(format!("half the files may have {MEDIAN_FILE}, 9 in 10 {MOST_FILES} lines"));
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n").into()) }
}

/// Counts the lines before the file's `mod tests`.
fn lines_without_tests(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let tests =
        lines.windows(2).position(|pair| pair[0] == "#[cfg(test)]" && pair[1] == "mod tests {");
    tests.unwrap_or(lines.len())
}

fn lines_of_code(text: &str) -> usize {
    let lines = text.lines().take(lines_without_tests(text)).map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with("//")).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "//! Docs.\n\nuse a;\n\n// Why.\nfn f() {}\n\n#[cfg(test)]\nmod tests {\n}\n";

    #[test]
    fn a_files_tests_do_not_count() {
        assert_eq!(lines_without_tests(TEXT), 7);
        assert_eq!(lines_without_tests("fn f() {}\n"), 1);
    }

    #[test]
    fn comments_and_blank_lines_are_not_code() {
        assert_eq!(lines_of_code(TEXT), 2);
    }
}
