//! deny.toml, as far as this project uses it.
//!
//! A small reader of our own: a TOML crate would be most of what this program builds. It knows
//! comments, sections, and arrays of strings or inline tables; anything else in the keys it looks
//! for is an error, never silently skipped.

use crate::workspace::Result;

/// The rules of deny.toml.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Deny {
    /// The licences that a dependency may have.
    pub(crate) licences: Vec<String>,
    /// The crates that must not be in the graph.
    pub(crate) banned: Vec<String>,
    /// The crates that must be in the graph at most once.
    pub(crate) single: Vec<String>,
}

impl Deny {
    /// Reads the text of deny.toml.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let plain: Vec<&str> = text.lines().map(without_comment).collect();
        let plain = plain.join("\n");
        let mut deny =
            Self { licences: strings(array(&plain, "licenses", "allow")?)?, ..Self::default() };
        for entry in array(&plain, "bans", "deny")?.split('}') {
            let entry = entry.trim_matches([',', ' ', '\n', '{']);
            if entry.is_empty() {
                continue;
            }
            let name = value(entry, "crate").ok_or_else(|| format!("no `crate` in {{{entry}}}"))?;
            let name = name.trim_matches('"').to_owned();
            match value(entry, "deny-multiple-versions") {
                Some("true") => deny.single.push(name),
                _ => deny.banned.push(name),
            }
        }
        Ok(deny)
    }
}

/// Our strings hold no `#`.
fn without_comment(line: &str) -> &str {
    line.split('#').next().unwrap_or_default().trim()
}

/// Returns what is between the brackets of an array.
fn array<'a>(text: &'a str, section: &str, key: &str) -> Result<&'a str> {
    let missing = || format!("deny.toml has no array `{key}` in [{section}]");
    let header = format!("[{section}]\n");
    let start = text.find(&header).ok_or_else(missing)? + header.len();
    let section = text[start..].split("\n[").next().unwrap_or_default();
    let lead = format!("{key} = [");
    let at = section.lines().scan(0, |at, line| {
        let start = *at;
        *at += line.len() + 1;
        Some((start, line))
    });
    let (at, _) = at.into_iter().find(|(_, line)| line.starts_with(&lead)).ok_or_else(missing)?;
    let body = &section[at + lead.len()..];
    Ok(&body[..body.find(']').ok_or_else(missing)?])
}

fn strings(array: &str) -> Result<Vec<String>> {
    let items = array.split(',').map(str::trim).filter(|item| !item.is_empty());
    let unquoted = items.map(|item| {
        let inner = item.strip_prefix('"').and_then(|item| item.strip_suffix('"'));
        inner
            .map(str::to_owned)
            .ok_or_else(|| format!("deny.toml: expected a string, found {item}").into())
    });
    unquoted.collect()
}

fn value<'a>(entry: &'a str, key: &str) -> Option<&'a str> {
    let pairs = entry.split(',').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (name.trim(), value.trim()))
        .find(|(name, _)| *name == key)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
# allow = ["GPL-3.0"]
[licenses]
allow = [
    "MIT",   # most
    "Apache-2.0",
]
[bans]
multiple-versions = "allow"
deny = [
    { crate = "openssl-sys", reason = "ring" },
    { crate = "libsqlite3-sys", deny-multiple-versions = true },
]
"#;

    #[test]
    fn licences_and_bans_are_read() {
        let deny = Deny::parse(TEXT).unwrap();
        assert_eq!(deny.licences, ["MIT", "Apache-2.0"]);
        assert_eq!(deny.banned, ["openssl-sys"]);
        assert_eq!(deny.single, ["libsqlite3-sys"]);
    }

    #[test]
    fn a_missing_list_is_an_error() {
        let error = Deny::parse("[licenses]\n[bans]\ndeny = []\n").unwrap_err();
        assert!(error.to_string().contains("no array `allow`"), "{error}");
    }

    #[test]
    fn a_bare_word_is_an_error() {
        let text = TEXT.replace("\"MIT\"", "MIT");
        assert!(Deny::parse(&text).is_err());
    }
}
