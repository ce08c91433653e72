//! Where the folder of schema files is: the variable `CIRCUIT_SCHEMA`, or the crate's manifest.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder and how messages name it.
pub(super) struct Place {
    pub(super) path: PathBuf,
    pub(super) shown: String,
}

/// The table of the manifest, and the way out of most mistakes.
const TABLE: &str = "[package.metadata.circuit]";

/// Returns the manifest of the crate that is being compiled.
pub(super) fn manifest() -> Option<PathBuf> {
    env::var_os("CARGO_MANIFEST_DIR").map(|folder| Path::new(&folder).join("Cargo.toml"))
}

/// Returns the folder, if there is to be one.
pub(super) fn folder() -> Result<Option<Place>, String> {
    let manifest = manifest();
    let (shown, source) = match env::var("CIRCUIT_SCHEMA") {
        Ok(folder) if folder.is_empty() => return Ok(None),
        Ok(folder) => (folder, "the variable `CIRCUIT_SCHEMA`"),
        Err(env::VarError::NotUnicode(_)) => {
            return Err("the variable `CIRCUIT_SCHEMA` is no text".to_owned());
        }
        Err(env::VarError::NotPresent) => {
            let text = manifest.as_ref().and_then(|path| fs::read_to_string(path).ok());
            match text.map_or(Ok(None), |text| schema_key(&text))? {
                Some(folder) => (folder, "`schema` of `[package.metadata.circuit]` in Cargo.toml"),
                None => return Ok(None),
            }
        }
    };
    let base = manifest.as_deref().and_then(Path::parent).unwrap_or_else(|| Path::new(""));
    let path = base.join(&shown);
    if !path.is_dir() {
        return Err(format!(
            "the folder of schema files, `{shown}`, is not there ({}): {source} names it; make it, \
             name another, or name none",
            path.display()
        ));
    }
    Ok(Some(Place { path, shown }))
}

/// Reads the one key of a manifest.
fn schema_key(manifest: &str) -> Result<Option<String>, String> {
    let mut inside = false;
    let mut found = None;
    for line in manifest.lines().map(str::trim) {
        let plain: String = line.chars().filter(|c| !c.is_whitespace()).collect();
        if plain.starts_with('[') {
            inside = plain.split('#').next() == Some(TABLE);
        } else if let Some((key, value)) = line.split_once('=')
            && inside
            && matches!(key.trim(), "schema" | "\"schema\"")
        {
            found = Some(text(value.trim())?);
        } else if plain.starts_with("circuit=") || plain.starts_with("metadata.circuit") {
            return Err(format!(
                "the folder of schema files stands in Cargo.toml as `schema = \"folder\"` under \
                 `{TABLE}`"
            ));
        }
    }
    Ok(found)
}

/// Reads a text in quotes, and a comment behind it.
fn text(value: &str) -> Result<String, String> {
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let parts = quote.and_then(|quote| value[1..].split_once(quote));
    match parts {
        Some((text, rest)) if plain(text) && (rest.trim().is_empty() || comment(rest)) => {
            Ok(text.to_owned())
        }
        _ => Err(format!(
            "`schema` under `{TABLE}` in Cargo.toml is the path of a folder in quotes, as in \
             `schema = \"schema\"`"
        )),
    }
}

fn plain(text: &str) -> bool {
    !text.is_empty() && !text.contains('\\')
}

fn comment(rest: &str) -> bool {
    rest.trim_start().starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_found_in_its_table_only() {
        let manifest = "[package]\nname = \"a\"\nschema = \"no\"\n\n[package.metadata.circuit] # x\n\
                        schema = \"describe\" # here\n\n[dependencies]\nschema = \"1\"\n";
        assert_eq!(schema_key(manifest), Ok(Some("describe".to_owned())));
        assert_eq!(
            schema_key("[ package . metadata . circuit ]\nschema='a b'\n"),
            Ok(Some("a b".to_owned()))
        );
        assert_eq!(schema_key("[package]\nname = \"a\"\n"), Ok(None));
    }

    #[test]
    fn other_ways_to_write_it_are_told() {
        for manifest in [
            "[package.metadata]\ncircuit = { schema = \"a\" }\n",
            "[package]\nmetadata.circuit.schema = \"a\"\n",
            "[package.metadata.circuit]\nschema = 5\n",
            "[package.metadata.circuit]\nschema = \"a\\\\b\"\n",
        ] {
            assert!(schema_key(manifest).is_err(), "{manifest}");
        }
    }
}
