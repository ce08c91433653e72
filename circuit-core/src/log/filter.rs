//! Which entries are written.

use std::fmt;
use std::str::FromStr;

use super::Level;
use crate::error::{Error, ErrorKind};
use crate::value::Text;

/// The least level that is written, as a number, so that asking is one comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Least(u8);

impl Least {
    const OFF: Self = Self(u8::MAX);

    const fn of(level: Level) -> Self {
        Self(level as u8)
    }

    #[inline]
    pub(super) fn takes(self, level: Level) -> bool {
        level as u8 >= self.0
    }
}

/// Which entries are written: a least level, and others for single handlers and targets.
///
/// As text it reads `info,score_contacts=debug,noisy=off,hyper=warn`: a level alone is for all that
/// is not named. The names are those of handlers, whole and as they are written; for collected events
/// of `tracing` also their targets, where `hyper` stands for `hyper::client` too and the longest name
/// counts. Without a level alone it is `info`.
///
/// # Examples
/// ```
/// use circuit_core::{Level, LogFilter};
///
/// let filter: LogFilter = "warn,score_contacts=debug".parse()?;
/// assert_eq!(filter, LogFilter::at_least(Level::Warn).with("score_contacts", Level::Debug));
/// let error = "warn,score_contacts=debg".parse::<LogFilter>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "unknown level `debg` in `score_contacts=debg`; there are debug, info, warn, error and off"
/// );
/// # Ok::<(), circuit_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter {
    rest: Least,
    named: Vec<(Text, Least)>,
}

impl LogFilter {
    /// Takes what matters as much as this or more.
    pub fn at_least(level: Level) -> Self {
        Self { rest: Least::of(level), named: Vec::new() }
    }

    /// Takes nothing.
    pub fn off() -> Self {
        Self { rest: Least::OFF, named: Vec::new() }
    }

    /// Sets another level for a handler or a target.
    #[must_use]
    pub fn with(self, name: impl Into<Text>, level: Level) -> Self {
        self.set(name.into(), Least::of(level))
    }

    /// Takes nothing of a handler or a target.
    #[must_use]
    pub fn without(self, name: impl Into<Text>) -> Self {
        self.set(name.into(), Least::OFF)
    }

    fn set(mut self, name: Text, least: Least) -> Self {
        self.named.retain(|(known, _)| *known != name);
        self.named.push((name, least));
        self
    }

    pub(super) fn of_handler(&self, handler: &str) -> Least {
        let found = self.named.iter().find(|(name, _)| *name == *handler);
        found.map_or(self.rest, |(_, least)| *least)
    }

    /// Returns what is said about a target, if anything is.
    pub(super) fn of_target(&self, target: &str) -> Option<Least> {
        let covers = |name: &str| match target.strip_prefix(name) {
            Some(rest) => rest.is_empty() || rest.starts_with("::"),
            None => false,
        };
        let named = self.named.iter().filter(|(name, _)| covers(name));
        named.max_by_key(|(name, _)| name.len()).map(|(_, least)| *least)
    }
}

impl Default for LogFilter {
    /// Takes what matters as much as [`Level::Info`] or more.
    fn default() -> Self {
        Self::at_least(Level::Info)
    }
}

impl FromStr for LogFilter {
    type Err = Error;

    /// Reads directives between commas.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] for an unknown level, a name that is empty or there twice.
    fn from_str(text: &str) -> Result<Self, Error> {
        let mut filter = Self::default();
        let mut seen: Vec<&str> = Vec::new();
        for directive in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let named = directive.split_once('=').map(|(name, level)| (name.trim(), level.trim()));
            let (name, level) = named.unwrap_or(("", directive));
            let least = least(level, directive)?;
            if named.is_some() && name.is_empty() {
                return Err(refused(format!("`{directive}` names no handler or target")));
            }
            if seen.contains(&name) {
                return Err(refused(format!("`{directive}` says again what was said before it")));
            }
            seen.push(name);
            if name.is_empty() {
                filter.rest = least;
            } else {
                filter = filter.set(name.into(), least);
            }
        }
        Ok(filter)
    }
}

fn least(level: &str, directive: &str) -> Result<Least, Error> {
    let names = ["debug", "info", "warn", "error", "off"];
    let leasts = [
        Least::of(Level::Debug),
        Least::of(Level::Info),
        Least::of(Level::Warn),
        Least::of(Level::Error),
        Least::OFF,
    ];
    let found = names.iter().position(|name| name.eq_ignore_ascii_case(level));
    found.map(|at| leasts[at]).ok_or_else(|| {
        let place = if level == directive { String::new() } else { format!(" in `{directive}`") };
        refused(format!(
            "unknown level `{level}`{place}; there are debug, info, warn, error and off"
        ))
    })
}

fn refused(message: String) -> Error {
    Error::new(ErrorKind::Configuration, message)
}

impl fmt::Display for Least {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            0 => "debug",
            1 => "info",
            2 => "warn",
            3 => "error",
            _ => "off",
        })
    }
}

impl fmt::Display for LogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.rest)?;
        self.named.iter().try_for_each(|(name, least)| write!(f, ",{name}={least}"))
    }
}
