//! The folder of the tests' server, the user that it belongs to, and what runs in it.
//!
//! PostgreSQL does not run as root, so root runs it as the user `postgres` or `nobody`. Where that
//! user cannot enter the checkout, the folder is in the system's temporary one instead.

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::install::is_root;
use crate::report::say;
use crate::workspace::{Result, Workspace, output};

/// Nothing here has to survive a power cut; the tests open many stores at once.
const SETTINGS: &[&str] = &[
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=300",
    "log_min_messages=fatal",
];

/// How long the server may take to start.
const PATIENCE: Duration = Duration::from_mins(1);

/// Somebody else than root.
#[derive(Debug, Clone, Copy)]
struct User {
    id: u32,
    group: u32,
}

/// The folder of a server.
pub(super) struct Home {
    folder: PathBuf,
    programs: PathBuf,
    user: Option<User>,
}

impl Home {
    /// Makes the folder and gives it to the user who runs the server.
    pub(super) fn prepare(workspace: &Workspace, programs: PathBuf) -> Result<Self> {
        let user = if is_root()? { Some(other_user()?) } else { None };
        let under_target = workspace.path("target/postgres");
        let home = Self { folder: under_target, programs, user };
        home.make()?;
        if home.is_entered() {
            return Ok(home);
        }
        // One per checkout, as under `target`.
        let name = format!("circuit-postgres-{:x}", fnv(&home.folder));
        let folder = std::env::temp_dir().join(name);
        say(format_args!(
            "PostgreSQL: its user cannot enter {}; using {}",
            home.folder.display(),
            folder.display()
        ));
        let home = Self { folder, ..home };
        home.make()?;
        if home.is_entered() {
            return Ok(home);
        }
        Err(format!("PostgreSQL's user cannot enter {}", home.folder.display()).into())
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn make(&self) -> Result {
        fs::create_dir_all(&self.folder)?;
        // In a temporary folder, others may have been there first.
        let owner = fs::symlink_metadata(&self.folder)?;
        let own = output(Command::new("id").arg("-u"))?.trim().parse::<u32>()?;
        let is_ours = owner.uid() == own || self.user.is_some_and(|user| owner.uid() == user.id);
        if !owner.is_dir() || !is_ours {
            return Err(format!("{} belongs to somebody else", self.folder.display()).into());
        }
        fs::set_permissions(&self.folder, fs::Permissions::from_mode(0o700))?;
        self.give(&self.folder)
    }

    fn give(&self, path: &Path) -> Result {
        let Some(user) = self.user else { return Ok(()) };
        Ok(chown(path, Some(user.id), Some(user.group))?)
    }

    /// Returns a program that runs in the folder, as its user and without settings from outside.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(&self.folder).stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        if let Some(user) = self.user {
            command.uid(user.id).gid(user.group);
        }
        command
    }

    fn is_entered(&self) -> bool {
        output(self.command("postgres").arg("--version")).is_ok()
    }

    /// Waits until no other run of this checkout has the server.
    pub(super) fn lock(&self) -> Result<File> {
        let path = self.folder.join("lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        if file.try_lock().is_err() {
            say(format_args!("PostgreSQL: waiting for another run to end"));
            file.lock()?;
        }
        Ok(file)
    }

    /// Stops the server of this folder, if one runs.
    pub(super) fn stop(&self) {
        if self.data().join("postmaster.pid").exists() {
            let mut stop = self.command("pg_ctl");
            stop.args(["stop", "-s", "-w", "-m", "immediate", "-D"]).arg(self.data());
            // It may have died with its machine; then there is nothing to stop.
            drop(stop.stdout(Stdio::null()).stderr(Stdio::null()).status());
        }
    }

    /// Makes an empty cluster and returns the password of its user `circuit`.
    ///
    /// Others on this machine could else use the server to run programs as its user.
    pub(super) fn create(&self) -> Result<String> {
        if self.data().exists() {
            fs::remove_dir_all(self.data())?;
        }
        let password = random();
        let file = self.folder.join("password");
        drop(fs::remove_file(&file));
        OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(&file)?
            .write_all(password.as_bytes())?;
        self.give(&file)?;
        let mut create = self.command("initdb");
        create.args(["-U", "circuit", "-A", "md5", "-E", "UTF8", "--locale=C", "-N"]);
        create.arg("--pwfile").arg(&file).arg("-D").arg(self.data());
        output(&mut create)?;
        fs::remove_file(file)?;
        Ok(password)
    }

    /// Starts the server on a free port.
    pub(super) fn serve(&self) -> Result<(Child, u16)> {
        let mut said = String::new();
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
            let path = self.folder.join("log");
            let log = File::create(&path)?;
            let mut serve = self.command("postgres");
            serve.arg("-D").arg(self.data()).args(["-p", &port.to_string()]);
            for setting in SETTINGS {
                serve.args(["-c", setting]);
            }
            let mut child = serve.stdout(log.try_clone()?).stderr(log).spawn()?;
            if self.is_ready(&mut child)? {
                return Ok((child, port));
            }
            drop(child.kill());
            drop(child.wait());
            said = fs::read_to_string(path)?;
            // Somebody else took the port in between.
            if !said.contains("could not bind") {
                break;
            }
        }
        Err(format!("PostgreSQL did not start:\n{said}").into())
    }

    /// Waits for the line that tells that the server takes connections.
    fn is_ready(&self, child: &mut Child) -> Result<bool> {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end && child.try_wait()?.is_none() {
            let state = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
            if state.lines().nth(7).is_some_and(|line| line.trim() == "ready") {
                return Ok(true);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(false)
    }
}

/// Returns the user of Debian's package, or one that may do nothing.
fn other_user() -> Result<User> {
    for name in ["postgres", "nobody"] {
        let number = |flag: &str| output(Command::new("id").args([flag, name]));
        if let (Ok(id), Ok(group)) = (number("-u"), number("-g")) {
            return Ok(User { id: id.trim().parse()?, group: group.trim().parse()? });
        }
    }
    Err("PostgreSQL does not run as root, and there is neither a user postgres nor nobody".into())
}

fn random() -> String {
    let number = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", number(), number())
}

/// The same number for the same path in every run.
fn fnv(path: &Path) -> u64 {
    let bytes = path.as_os_str().as_encoded_bytes().iter();
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
