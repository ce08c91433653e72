//! A PostgreSQL server for the tests: on loopback, in a folder under `target`, stopped at the end.

mod home;
mod install;

use std::fs::{self, File};
use std::process::{Child, Command};

use crate::report::say;
use crate::workspace::{Result, Workspace, run};
use home::Home;

/// The variable that tells the tests where the server is; who sets it brings a server of their own.
pub(crate) const VARIABLE: &str = "CIRCUIT_POSTGRES_URL";

/// A server that ends with this value.
pub(crate) struct Server {
    url: String,
    _own: Option<Own>,
}

/// A server that we started.
struct Own {
    home: Home,
    child: Child,
    // Held until the server has stopped: who comes next starts afresh.
    _lock: File,
}

impl Server {
    /// Starts a server, or takes the one that the environment names.
    pub(crate) fn start(workspace: &Workspace) -> Result<Self> {
        if let Ok(url) = std::env::var(VARIABLE) {
            say(format_args!("PostgreSQL: the server that {VARIABLE} names"));
            return Ok(Self { url, _own: None });
        }
        let home = Home::prepare(workspace, install::programs()?)?;
        let lock = home.lock()?;
        // One that an earlier run could not stop, because it was killed.
        home.stop();
        let password = home.create()?;
        let (child, port) = home.serve()?;
        say(format_args!("PostgreSQL: 127.0.0.1:{port}, {}", home.folder().display()));
        let url = format!("postgres://circuit:{password}@127.0.0.1:{port}/postgres");
        Ok(Self { url, _own: Some(Own { home, child, _lock: lock }) })
    }

    /// Returns where the server is, with its password.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.home.stop();
        drop(self.child.kill());
        drop(self.child.wait());
        drop(fs::remove_dir_all(self.home.data()));
    }
}

/// Runs a command that finds the server in its environment.
pub(crate) fn with(workspace: &Workspace, words: &[&str]) -> Result {
    let (program, args) = words.split_first().ok_or("name the command to run")?;
    let server = Server::start(workspace)?;
    run(Command::new(program).args(args).env(VARIABLE, server.url()))
}
