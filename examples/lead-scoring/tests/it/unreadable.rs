//! Inputs that can't be read at all: the message says what to do.

use std::path::Path;

use lead_scoring::input::{CustomFields, Format, Reader};

use crate::folder;

#[test]
fn a_missing_file_lists_what_is_accepted() {
    let error = Format::of(Path::new("no/such.jsonl")).unwrap_err().to_string();
    assert!(
        error.starts_with("there is no file or folder `no/such.jsonl`: give a .jsonl, .csv"),
        "{error}"
    );
}

#[test]
fn an_unknown_extension_asks_for_the_format() {
    let folder = folder(&[("leads.xlsx", b"")]);
    let error = Format::of(&folder.path().join("leads.xlsx")).unwrap_err().to_string();
    assert!(error.ends_with("add --format jsonl, csv or ghl"), "{error}");
}

#[test]
fn a_folder_without_payloads_says_what_a_folder_is_for() {
    let folder = folder(&[("leads.csv", b"id\na\n")]);
    let error =
        Reader::open(folder.path(), Format::Ghl, CustomFields::default()).unwrap_err().to_string();
    assert!(error.contains("holds no *.json file"), "{error}");
    assert!(error.ends_with("for other data name a .jsonl or .csv file"), "{error}");
}

#[test]
fn a_folder_is_no_csv_file() {
    let folder = folder(&[]);
    let error =
        Reader::open(folder.path(), Format::Csv, CustomFields::default()).unwrap_err().to_string();
    assert!(error.contains("is a folder: name a file in it"), "{error}");
}

#[test]
fn extensions_match_in_any_case() {
    let folder = folder(&[("LEADS.JSONL", b""), ("leads.Tsv", b"")]);
    assert_eq!(Format::of(&folder.path().join("LEADS.JSONL")).unwrap(), Format::Jsonl);
    assert_eq!(Format::of(&folder.path().join("leads.Tsv")).unwrap(), Format::Csv);
}
