//! The workspace and the commands that run in it.

use std::error::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The result of a command of this crate.
pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// Where the workspace is and which cargo serves it.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    cargo: OsString,
}

impl Workspace {
    /// Finds the workspace around this crate.
    pub(crate) fn open() -> Result<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
            .ok_or("run this by `cargo xtask`, which says where the workspace is")?;
        let root = Path::new(&manifest).parent().ok_or("xtask has no folder above it")?;
        Ok(Self {
            root: root.to_owned(),
            cargo: std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()),
        })
    }

    /// Returns a path below the root.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.root.join(below)
    }

    /// Returns a cargo command in the root, with these arguments.
    pub(crate) fn cargo(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.cargo);
        command.args(args).current_dir(&self.root);
        command.stdin(Stdio::null());
        command
    }

    /// Reads a text file below the root.
    pub(crate) fn read(&self, below: &str) -> Result<String> {
        std::fs::read_to_string(self.path(below))
            .map_err(|error| format!("{below}: {error}").into())
    }

    /// Lists the files that are in git or would be added to it, with one of these extensions.
    pub(crate) fn files(&self, extensions: &[&str]) -> Result<Vec<String>> {
        let mut git = Command::new("git");
        git.current_dir(&self.root);
        git.args(["ls-files", "--cached", "--others", "--exclude-standard"]);
        let wanted = |path: &&str| {
            let extension = Path::new(path).extension();
            extensions.iter().any(|e| extension == Some(e.as_ref())) && self.path(path).is_file()
        };
        let listing = output(&mut git)?;
        let mut files: Vec<String> = listing.lines().filter(wanted).map(str::to_owned).collect();
        files.sort_unstable();
        files.dedup();
        Ok(files)
    }
}

/// Runs a command whose output goes to the terminal.
pub(crate) fn run(command: &mut Command) -> Result {
    let shown = show(command);
    let status = command.status().map_err(|e| format!("{shown}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{shown}` failed ({status})").into()) }
}

/// Runs a command and returns what it wrote to its standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let output = command.stderr(Stdio::piped()).output();
    let output = output.map_err(|e| format!("{shown}: {e}"))?;
    if output.status.success() {
        Ok(String::from_utf8(output.stdout)?)
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("`{shown}` failed ({}):\n{said}", output.status).into())
    }
}

fn show(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut words = vec![program.file_name().unwrap_or_default().to_string_lossy()];
    words.extend(command.get_args().map(|arg| arg.to_string_lossy()));
    words.join(" ")
}
