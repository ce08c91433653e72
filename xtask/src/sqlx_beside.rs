//! A host that uses sqlx beside circuit-db must resolve: only one crate may link SQLite.

use std::fs;

use crate::workspace::{Result, Workspace, output};

/// The host's manifest; the empty workspace keeps it out of ours.
const MANIFEST: &str = r#"[workspace]

[package]
name = "sqlx-beside"
version = "0.0.0"
edition = "2024"
publish = false

[dependencies]
circuit-db = { path = "../../circuit-db", features = ["sqlite"] }
sqlx = { version = "0.9", default-features = false, features = ["runtime-tokio", "sqlite"] }
"#;

/// Resolves such a host afresh, as a new project would, and builds nothing.
pub(crate) fn check(workspace: &Workspace) -> Result {
    let folder = workspace.path("target/sqlx-beside");
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("Cargo.toml"), MANIFEST)?;
    fs::write(folder.join("src/lib.rs"), "")?;
    output(workspace.cargo(&["generate-lockfile"]).current_dir(&folder))?;
    let lock = fs::read_to_string(folder.join("Cargo.lock"))?;
    for name in ["libsqlite3-sys", "rusqlite", "sqlx-sqlite"] {
        let times = count(&lock, name);
        if times != 1 {
            return Err(format!("{name} is there {times} times, expected once").into());
        }
    }
    Ok(())
}

fn count(lock: &str, package: &str) -> usize {
    let line = format!("name = \"{package}\"");
    lock.lines().filter(|found| *found == line).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_of_a_lock_file_are_counted_by_their_whole_name() {
        let lock = "[[package]]\nname = \"sqlx\"\n[[package]]\nname = \"sqlx-sqlite\"\n";
        assert_eq!(count(lock, "sqlx"), 1);
        assert_eq!(count(lock, "rusqlite"), 0);
    }
}
