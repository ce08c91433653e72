//! The names of the files: `circuit-2026-11-21-0001.jsonl`.

use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

/// What is between the prefix and the end of a name; older ones are less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FileName {
    pub(super) day: NaiveDate,
    pub(super) number: u32,
}

impl FileName {
    /// Returns `None` for a file that is not ours.
    fn parse(name: &str, prefix: &str) -> Option<Self> {
        let rest = name.strip_prefix(prefix)?.strip_prefix('-')?.strip_suffix(".jsonl")?;
        let (day, number) = rest.rsplit_once('-')?;
        let file = Self { day: day.parse().ok()?, number: number.parse().ok().filter(|n| *n > 0)? };
        (file.with(prefix) == name).then_some(file)
    }

    fn with(self, prefix: &str) -> String {
        format!("{prefix}-{}-{:04}.jsonl", self.day, self.number)
    }

    pub(super) fn path(self, folder: &Path, prefix: &str) -> PathBuf {
        folder.join(self.with(prefix))
    }
}

/// Returns the files in the folder that are ours, the oldest first.
pub(super) fn list(folder: &Path, prefix: &str) -> io::Result<Vec<FileName>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        names.extend(name.to_str().and_then(|name| FileName::parse(name, prefix)));
    }
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
        for number in [1, 9_999, 10_000] {
            let file = FileName { day, number };
            assert_eq!(FileName::parse(&file.with("my-log"), "my-log"), Some(file));
        }
        assert_eq!(FileName { day, number: 7 }.with("circuit"), "circuit-2026-11-21-0007.jsonl");
    }

    #[test]
    fn files_of_others_are_not_ours() {
        for name in [
            "circuit-2026-11-21-0001.jsonl.gz",
            "circuit-2026-11-21.jsonl",
            "circuit-2026-11-21-1.jsonl",
            "circuit-2026-11-21-0000.jsonl",
            "circuit-2026-13-21-0001.jsonl",
            "circuit-old-2026-11-21-0001.jsonl",
            "circuit-+026-11-21-0001.jsonl",
            "circuit.lock",
        ] {
            assert_eq!(FileName::parse(name, "circuit"), None, "{name}");
        }
    }
}
