//! What no log may show.

mod digits;
mod email;
mod secret;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// What stands in the place of what was taken out.
pub(super) const REDACTED: &str = "[redacted]";

/// What is recognised in texts by its look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Sensitive {
    /// `ada@example.com`, also where the `@` is written `%40`.
    Emails,
    /// `+44 20 7946 0958`, `(555) 010-9999`, `0171/5550199`: nine digits or more that are grouped as a
    /// phone number is, or seven behind a `+`. Long numbers of other kinds may look the same.
    PhoneNumbers,
    /// 13 to 19 digits, also in groups, of which the last is the check digit of a card number.
    CardNumbers,
    /// What follows `Bearer` and `Basic`, tokens of services that mark theirs, such as `ghp_`, JSON web
    /// tokens, passwords in URLs, bodies of private keys, and `password=..`, `"token": ..` or what
    /// `Debug` prints, such as `secret: Some("..")`, for each name that is redacted.
    Secrets,
}

/// Finds the first part of a text that must not be shown.
type Finder = Arc<dyn Fn(&str) -> Option<Range<usize>> + Send + Sync>;

/// What is taken out of entries before anybody sees them: values by their names, and parts of texts.
///
/// A name fits keys of `data` and of objects in it that end with it: `token` fits `accessToken` and
/// `X-Auth-Token`. Case, digits and `__c` at the end and all but letters and digits make no difference.
/// The default has names for passwords, keys, tokens, cookies and the like, [`Sensitive::Secrets`] and
/// [`Sensitive::CardNumbers`]. Each text is looked through once per pattern, in linear time.
///
/// # Examples
/// ```
/// use circuit_core::{Circuit, Redaction, Registry, Sensitive};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let redaction = Redaction::default()
///     .with_name("birth date")
///     .with(Sensitive::Emails)
///     .with_finder(|text| text.find("CASE-").map(|at| at..(at + 10).min(text.len())));
/// let circuit = Circuit::builder()
///     .backend(circuit_db::Memory::new())
///     .registry(Registry::builder().build())
///     .redaction(redaction)
///     .build()?;
/// let run = circuit.run(|execution| async move {
///     let log = execution.log();
///     log.info("CASE-12345 of ada@example.com").with("BirthDate__c", "1815-12-10").with("password", 1);
///     Ok(())
/// });
/// let outcome = run.await?;
/// let entry = &outcome.log()[0];
/// assert_eq!(entry.message, "[redacted] of [redacted]");
/// assert_eq!(entry.data[0].1, "[redacted]");
/// assert_eq!(entry.data[1].1, "[redacted]");
/// # Ok::<(), circuit_core::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Redaction {
    names: Vec<Letters>,
    patterns: Vec<Sensitive>,
    own: Vec<Finder>,
}

/// The last letters and digits of a name, in lower case and from its end.
#[derive(Clone, PartialEq, Eq)]
struct Letters {
    all: [char; MOST],
    len: usize,
}

/// So many letters of a name are compared.
const MOST: usize = 32;

impl Letters {
    fn of(name: &str) -> Self {
        let name = name.trim_end_matches(|c: char| !c.is_alphanumeric());
        // Salesforce's custom fields end so.
        let name = name.strip_suffix("__c").or_else(|| name.strip_suffix("__C")).unwrap_or(name);
        let letters = name.chars().rev().filter(|c| c.is_alphanumeric());
        let letters = letters.flat_map(|c| c.to_lowercase().rev()).skip_while(char::is_ascii_digit);
        let mut own = Self { all: ['\0'; MOST], len: 0 };
        for (place, letter) in own.all.iter_mut().zip(letters) {
            *place = letter;
            own.len += 1;
        }
        own
    }

    fn as_slice(&self) -> &[char] {
        &self.all[..self.len]
    }
}

const NAMES: &[&str] = &[
    "password",
    "passwords",
    "password hash",
    "password confirmation",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "secrets",
    "secret key",
    "token",
    "tokens",
    "authorization",
    "api key",
    "api keys",
    "private key",
    "access key",
    "signing key",
    "encryption key",
    "credential",
    "credentials",
    "cookie",
    "cookies",
    "session id",
    "cvv",
    "cvc",
    "ssn",
];

impl Redaction {
    /// Takes nothing out.
    pub fn none() -> Self {
        Self { names: Vec::new(), patterns: Vec::new(), own: Vec::new() }
    }

    /// Takes out the values of all keys that end with a name; its last 32 letters count.
    #[must_use]
    pub fn with_name(mut self, name: &str) -> Self {
        let name = Letters::of(name);
        if name.len > 0 {
            self.names.push(name);
        }
        self
    }

    /// Leaves in what a name took out; one of another spelling, such as `tokens`, stays.
    #[must_use]
    pub fn without_name(mut self, name: &str) -> Self {
        let name = Letters::of(name);
        self.names.retain(|known| *known != name);
        self
    }

    /// Takes out what looks like this, in messages, values and keys.
    #[must_use]
    pub fn with(mut self, pattern: Sensitive) -> Self {
        self = self.without(pattern);
        self.patterns.push(pattern);
        self
    }

    /// Leaves in what looks like this.
    #[must_use]
    pub fn without(mut self, pattern: Sensitive) -> Self {
        self.patterns.retain(|known| *known != pattern);
        self
    }

    /// Takes out what a closure finds: the first place in the text that it is given, in bytes.
    ///
    /// It is asked again for the rest behind the place, until it finds nothing.
    #[must_use]
    pub fn with_finder(
        mut self,
        find: impl Fn(&str) -> Option<Range<usize>> + Send + Sync + 'static,
    ) -> Self {
        self.own.push(Arc::new(find));
        self
    }

    /// Returns whether the value of a key is taken out.
    pub(super) fn covers(&self, key: &str) -> bool {
        let key = Letters::of(key);
        self.names.iter().any(|name| key.as_slice().starts_with(name.as_slice()))
    }

    /// Returns the places that are taken out of a text, by their starts.
    pub(super) fn find(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        for pattern in &self.patterns {
            match pattern {
                Sensitive::Emails => email::find(text, &mut found),
                Sensitive::PhoneNumbers => digits::phones(text, &mut found),
                Sensitive::CardNumbers => digits::cards(text, &mut found),
                Sensitive::Secrets => {
                    secret::find(self, text, &mut found);
                    secret::keys(text, &mut found);
                }
            }
        }
        for finder in &self.own {
            find_own(finder, text, &mut found);
        }
        found.sort_unstable_by_key(|range| range.start);
        found
    }

    pub(super) fn has(&self, pattern: Sensitive) -> bool {
        self.patterns.contains(&pattern)
    }
}

fn find_own(finder: &Finder, text: &str, found: &mut Vec<Range<usize>>) {
    let mut from = 0;
    while let Some(range) = finder(&text[from..]) {
        let start = text.floor_char_boundary(from.saturating_add(range.start));
        let end = text.ceil_char_boundary(from.saturating_add(range.end));
        if end <= start.max(from) {
            return;
        }
        found.push(start..end);
        from = end;
    }
}

impl Default for Redaction {
    fn default() -> Self {
        let named = NAMES.iter().fold(Self::none(), |redaction, name| redaction.with_name(name));
        named.with(Sensitive::Secrets).with(Sensitive::CardNumbers)
    }
}

impl fmt::Debug for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.names.iter().map(|name| name.as_slice().iter().rev().collect::<String>());
        f.debug_struct("Redaction")
            .field("names", &names.collect::<Vec<_>>())
            .field("patterns", &self.patterns)
            .field("finders", &self.own.len())
            .finish()
    }
}
