//! What holds for all pages: links, error codes, and the guide's crate.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use circuit_core::{ErrorKind, Limit, Limits};

fn docs() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of the docs can be read") {
        let path = entry.expect("its entries too").path();
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

fn all_pages() -> Vec<PathBuf> {
    let mut found = Vec::new();
    pages(&docs(), &mut found);
    found.extend(["../README.md", "../CHANGELOG.md"].map(|name| docs().join(name)));
    found
}

/// Returns the targets of `[text](target)` that are files.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.contains("://") && !target.starts_with('#'))
}

#[test]
fn every_link_leads_to_a_file() {
    let mut broken = Vec::new();
    for page in all_pages() {
        for target in links(&read(&page)) {
            let file = target.split('#').next().unwrap_or_default();
            if !page.parent().unwrap().join(file).exists() {
                broken.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_page_is_compiled() {
    let list = read(&docs().join("src/lib.rs"));
    for page in all_pages().iter().filter(|page| !page.ends_with("CHANGELOG.md")) {
        let name = page.file_name().unwrap().to_str().unwrap();
        assert!(list.contains(&format!("{name}\",")), "{name} is not in src/lib.rs");
    }
}

#[test]
fn every_error_kind_has_a_page_that_names_it() {
    let names: BTreeSet<_> = fs::read_dir(docs().join("errors"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let wanted: BTreeSet<_> =
        ErrorKind::ALL.iter().map(|kind| format!("{}.md", kind.code())).collect();
    assert_eq!(names, wanted);
    for kind in ErrorKind::ALL {
        let page = read(&docs().join(format!("errors/{}.md", kind.code())));
        assert!(page.starts_with(&format!("# {}: `{kind:?}`\n", kind.code())));
        assert!(page.contains("```text\n") && page.contains("```rust\n"));
    }
}

#[test]
fn the_guide_shows_its_crate_as_it_is() {
    let page = read(&docs().join("guide/first-trigger.md"));
    for file in ["src/lib.rs", "src/main.rs", "tests/contact.rs"] {
        let code = read(&docs().join("guide/my-triggers").join(file));
        assert!(page.contains(&code), "{file} differs from the guide");
    }
}

#[test]
fn the_guides_table_of_limits_is_that_of_the_governor() {
    let page = read(&docs().join("guide/governor.md"));
    let profiles = [Limits::circuit(), Limits::apex_v67(), Limits::apex_v67_async()];
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().replace(['`', ','], "")).collect()
    };
    let rows: Vec<Vec<String>> = page.lines().filter(|l| l.starts_with("| `")).map(cells).collect();
    for limit in Limit::ALL {
        let row = rows.iter().find(|row| row[0] == limit.name());
        let row = row.unwrap_or_else(|| panic!("{} is not in the table", limit.name()));
        let most: Vec<String> =
            profiles.iter().map(|limits| limits.of(*limit).to_string()).collect();
        assert_eq!(row[2..], most, "{}", limit.name());
    }
}
