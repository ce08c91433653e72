//! One file, one store: by the file's real path between processes, by the file itself inside one.

use std::collections::HashSet;
use std::fs::{File, Metadata, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use circuit_core::{Error, ErrorKind, Result};

/// A file that belongs to one store; free again when this is dropped, at the latest when the
/// process ends.
#[derive(Debug)]
pub(super) struct Lock {
    /// The real path: SQLite keeps its log beside the name by which it opens a file.
    pub(super) path: PathBuf,
    file: Identity,
    _beside: File,
}

/// What makes two names one file: device and inode.
type Identity = (u64, u64);

/// The files of this process's stores: a file that was renamed has another lock beside it.
static OPEN: Mutex<Option<HashSet<Identity>>> = Mutex::new(None);

fn open_files() -> MutexGuard<'static, Option<HashSet<Identity>>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Lock {
    /// Takes the file for one store, and creates it where there is none.
    pub(super) fn take(path: &Path) -> Result<Self> {
        let failed = |error| mapped_io(error, path);
        let real = real_path(path).map_err(failed)?;
        let beside = lock_beside(&real, path)?;
        let found = std::fs::metadata(&real).map_err(failed)?;
        if links(&found) > 1 {
            return Err(Error::new(
                ErrorKind::Unavailable,
                "the file has a second name (a hard link), and SQLite keeps its log by name: \
                 opened by the other name, commits would be missing; remove the other name",
            )
            .with("file", path.display()));
        }
        let file = identity(&found);
        let is_free = file == (0, 0) || open_files().get_or_insert_default().insert(file);
        if is_free { Ok(Self { path: real, file, _beside: beside }) } else { Err(taken(path)) }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(open) = open_files().as_mut() {
            open.remove(&self.file);
        }
    }
}

/// Returns the path without symbolic links. A file that is there is not opened for it: closing it
/// again would drop the locks that SQLite has on it in this process.
fn real_path(path: &Path) -> std::io::Result<PathBuf> {
    match path.canonicalize() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            File::options().create(true).truncate(false).write(true).open(path)?;
            path.canonicalize()
        }
        found => found,
    }
}

fn lock_beside(real: &Path, path: &Path) -> Result<File> {
    let mut name = real.as_os_str().to_owned();
    name.push(".lock");
    let failed = |error| mapped_io(error, path);
    let file =
        File::options().create(true).truncate(false).write(true).open(name).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(taken(path)),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

fn taken(path: &Path) -> Error {
    let message = "another store has the file open; a file belongs to one store of one process: \
                   share the store, or close the other one";
    Error::new(ErrorKind::Unavailable, message).with("file", path.display())
}

fn mapped_io(error: std::io::Error, path: &Path) -> Error {
    let message = match error.kind() {
        std::io::ErrorKind::NotFound => "the folder of the file does not exist",
        std::io::ErrorKind::PermissionDenied => "no permission to write in the folder of the file",
        _ => "the file cannot be opened",
    };
    Error::new(ErrorKind::Unavailable, message).with("file", path.display()).with_source(error)
}

#[cfg(unix)]
fn identity(file: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;

    (file.dev(), file.ino())
}

#[cfg(unix)]
fn links(file: &Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt;

    file.nlink()
}

/// Elsewhere the standard library tells neither; the lock beside the real path remains.
#[cfg(not(unix))]
fn identity(_file: &Metadata) -> Identity {
    (0, 0)
}

#[cfg(not(unix))]
fn links(_file: &Metadata) -> u64 {
    1
}
