//! The command from outside: what it prints, how it ends, what it leaves behind.

mod failures;
mod output;
mod published;
mod rejected;
mod rerun;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value as Json;
use tempfile::TempDir;

/// A folder in which the command runs; its default database ends up there too.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: crate::folder(&[]) }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file and returns its path as an argument.
    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        std::fs::write(self.path(name), content).expect("a new folder can be written");
        self.argument(name)
    }

    fn argument(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lead-scoring"));
        command.args(arguments).current_dir(self.folder.path());
        command.env("TMPDIR", self.folder.path()).stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        Ended(self.command(arguments).output().expect("the command starts"))
    }

    /// The databases in the folder.
    fn databases(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.folder.path()).expect("the folder is there");
        let files = files.filter_map(|file| Some(file.ok()?.path()));
        files.filter(|file| file.extension().is_some_and(|extension| extension == "db")).collect()
    }
}

/// How a run of the command ended.
struct Ended(Output);

impl Ended {
    fn code(&self) -> Option<i32> {
        self.0.status.code()
    }

    fn out(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    fn err(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    /// The leads that `--json` printed, and the summary after them.
    #[track_caller]
    fn json(&self) -> (Vec<Json>, Json) {
        let out = self.out();
        let mut lines: Vec<Json> = out
            .lines()
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
            })
            .collect();
        let summary = lines.pop().unwrap_or_else(|| panic!("no output, but: {}", self.err()));
        (lines, summary["summary"].clone())
    }
}

/// A lead that is worth a call, with this name.
fn hot_lead(id: &str, first_name: &str) -> String {
    format!(
        r#"{{"id":"{id}","firstName":"{first_name}","lastName":"Sato","source":"referral","customFields":{{
            "pageViews":20,"emailOpens":9,"emailClicks":9,"formSubmits":9,"demoRequested":true,
            "timelineDays":3,"lastActivityHours":1,"budget":20000}},
            "enrichment":{{"linkedin":{{"seniority":"C","companySize":900}}}}}}"#
    )
    .replace('\n', "")
}

fn sample_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/ghl-webhooks")
}
