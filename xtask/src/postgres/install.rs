//! Where PostgreSQL's programs are; Debian's package is installed where it is missing and may be.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::report::say;
use crate::workspace::{Result, output, run};

/// The oldest version that the store works with.
const OLDEST: u32 = 13;

const MISSING: &str = "the tests need PostgreSQL 13 or later; install it (on Debian: `sudo apt-get \
     install postgresql`), or set CIRCUIT_POSTGRES_URL to the URL of an empty server";

/// Returns the folder with the programs.
pub(super) fn programs() -> Result<PathBuf> {
    if let Some(folder) = find() {
        return Ok(folder);
    }
    if !is_root()? || !Path::new("/usr/bin/apt-get").is_file() {
        return Err(MISSING.into());
    }
    say(format_args!("PostgreSQL: not found; installing Debian's package"));
    let apt = |args: &[&str]| {
        run(Command::new("apt-get").args(args).env("DEBIAN_FRONTEND", "noninteractive"))
            .map_err(|error| format!("{error}\n{MISSING}"))
    };
    apt(&["update", "-q"])?;
    apt(&["install", "-y", "-q", "--no-install-recommends", "postgresql"])?;
    find().ok_or_else(|| MISSING.into())
}

/// Returns whether this is root, as whom PostgreSQL does not run.
pub(super) fn is_root() -> Result<bool> {
    Ok(output(Command::new("id").arg("-u"))?.trim() == "0")
}

/// Returns the newest of all programs found.
fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    // Debian has a folder per version; others have `pgsql` and the version.
    for (parent, lead) in [("/usr/lib/postgresql", ""), ("/usr", "pgsql"), ("/usr/local", "pgsql")]
    {
        let children = std::fs::read_dir(parent).into_iter().flatten().flatten();
        let named = children.filter(|child| child.file_name().to_string_lossy().starts_with(lead));
        folders.extend(named.map(|child| child.path().join("bin")));
    }
    if let Ok(folder) = output(Command::new("pg_config").arg("--bindir")) {
        folders.push(folder.trim().into());
    }
    let versions = folders.into_iter().filter_map(|folder| Some((version(&folder)?, folder)));
    versions.filter(|(version, _)| *version >= OLDEST).max().map(|(_, folder)| folder)
}

/// Returns the version of the programs in a folder, if all of them are there.
fn version(folder: &Path) -> Option<u32> {
    let has = |program: &str| folder.join(program).is_file();
    if !["initdb", "pg_ctl", "postgres"].into_iter().all(has) {
        return None;
    }
    major(&output(Command::new(folder.join("postgres")).arg("--version")).ok()?)
}

/// Reads `postgres (PostgreSQL) 15.19 (Debian 15.19-0+deb12u1)`.
fn major(text: &str) -> Option<u32> {
    let digits = text.split("PostgreSQL) ").nth(1)?;
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_what_postgres_says() {
        assert_eq!(major("postgres (PostgreSQL) 15.19 (Debian 15.19-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major("something else"), None);
    }
}
