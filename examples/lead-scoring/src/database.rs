//! Which file the leads are stored in.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::process;

use chrono::Local;

use crate::failure::Failure;

/// The first bytes of every SQLite file.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Returns the file to use: the one named, or a new one in the folder for temporary files.
///
/// # Errors
/// If the file named holds something else, or can't be a file; the message says what to do.
pub(crate) fn choose(named: Option<&Path>) -> Result<PathBuf, Failure> {
    let Some(path) = named else {
        return Ok(new_file());
    };
    match File::open(path) {
        Ok(_) if path.is_dir() => Err(refused(path, "is a folder: name a file in it")),
        Ok(file) => is_database(&file, path).map(|()| path.to_owned()),
        Err(error) if error.kind() == ErrorKind::NotFound => in_folder(path),
        Err(error) => {
            Err(refused(path, &format!("can't be opened ({error}): check its permissions")))
        }
    }
}

fn is_database(file: &File, path: &Path) -> Result<(), Failure> {
    let mut start = Vec::new();
    let read = file.take(MAGIC.len() as u64).read_to_end(&mut start);
    match read {
        Ok(0) => Ok(()),
        Ok(_) if start == MAGIC => Ok(()),
        Ok(_) => Err(refused(
            path,
            "is no SQLite database and is left as it is: name another file, or leave --db out for a new one",
        )),
        Err(error) => Err(refused(path, &format!("can't be read ({error}): name another file"))),
    }
}

fn in_folder(path: &Path) -> Result<PathBuf, Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if folder.is_none_or(Path::is_dir) {
        return Ok(path.to_owned());
    }
    Err(refused(path, "can't be made, its folder is not there: make the folder first"))
}

fn refused(path: &Path, problem: &str) -> Failure {
    Failure::message(format!("the database `{}` {problem}", path.display()))
}

/// A name that no run before used: the time, and the process where two start in one second.
fn new_file() -> PathBuf {
    let time = Local::now().format("%Y%m%d-%H%M%S");
    std::env::temp_dir().join(format!("lead-scoring-{time}-{}.db", process::id()))
}
