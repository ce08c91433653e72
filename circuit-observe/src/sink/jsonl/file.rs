//! A file that lines are appended to.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// What is asked of a file; tests bring one that fails.
pub(super) trait Append: Write + Send {
    fn set_len(&mut self, bytes: u64) -> io::Result<()>;
    fn sync(&mut self) -> io::Result<()>;
}

impl Append for File {
    fn set_len(&mut self, bytes: u64) -> io::Result<()> {
        File::set_len(self, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

/// Opens or creates a file to append to.
pub(super) fn open(path: &Path) -> io::Result<Box<dyn Append>> {
    Ok(Box::new(OpenOptions::new().create(true).append(true).open(path)?))
}

/// Cuts off a last line without an end, which a crash has left. Returns the bytes that stay, and
/// whether there was one.
pub(super) fn repair(path: &Path) -> io::Result<(u64, bool)> {
    let mut file = match OpenOptions::new().read(true).write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((0, false)),
        file => file?,
    };
    let len = file.metadata()?.len();
    let whole = end_of_lines(&mut file, len)?;
    if whole < len {
        file.set_len(whole)?;
    }
    Ok((whole, whole < len))
}

/// Returns the place behind the last line end, looked for from behind.
fn end_of_lines(file: &mut File, len: u64) -> io::Result<u64> {
    let mut block = [0; 8 << 10];
    let mut end = len;
    while end > 0 {
        let start = end.saturating_sub(block.len() as u64);
        let block = &mut block[..usize::try_from(end - start).unwrap_or(0)];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(block)?;
        if let Some(at) = block.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_line_without_an_end_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let long = "x".repeat(20_000);
        for (text, whole) in [
            (String::new(), 0),
            ("{}\n".to_owned(), 3),
            ("{}\n{\"a\":".to_owned(), 3),
            ("{\"a\":".to_owned(), 0),
            (format!("{{}}\n{long}"), 3),
            (format!("{long}\n{long}"), 20_001),
        ] {
            std::fs::write(&path, &text).unwrap();
            assert_eq!(repair(&path).unwrap(), (whole, whole < text.len() as u64));
            assert_eq!(std::fs::metadata(&path).unwrap().len(), whole);
        }
    }
}
