//! Jobs that can't be done: a message with a way out, and exit code 1.

use super::Place;

#[track_caller]
fn assert_fails(place: &Place, arguments: &[&str], message: &str) {
    let ended = place.run(arguments);
    assert_eq!(ended.code(), Some(1), "{}", ended.err());
    assert!(ended.err().contains(message), "{}", ended.err());
    assert_eq!(ended.out(), "");
}

#[test]
fn a_missing_input_is_named_and_makes_no_database() {
    let place = Place::new();
    assert_fails(
        &place,
        &["nowhere.jsonl"],
        "error: there is no file or folder `nowhere.jsonl`: give a",
    );
    assert!(place.databases().is_empty());
}

#[test]
fn an_unknown_extension_asks_for_the_format() {
    let place = Place::new();
    let file = place.file("leads.txt", "{\"id\":\"a\"}\n");
    assert_fails(&place, &[&file], "add --format jsonl, csv or ghl");
    assert_eq!(place.run(&[&file, "--format", "jsonl"]).code(), Some(0));
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let place = Place::new();
    let file = place.file("notes.db", "my notes, longer than sixteen bytes");
    assert_fails(&place, &["--db", &file], "is no SQLite database and is left as it is");
    assert_eq!(std::fs::read_to_string(file).unwrap(), "my notes, longer than sixteen bytes");
}

#[test]
fn a_database_in_a_missing_folder_says_so() {
    let place = Place::new();
    assert_fails(&place, &["--db", "no/such/leads.db"], "make the folder first");
}

#[test]
fn a_folder_is_no_database() {
    let place = Place::new();
    assert_fails(&place, &["--db", &place.argument("")], "is a folder: name a file in it");
}

#[test]
fn a_wrong_option_is_a_failure_and_not_a_rejected_row() {
    assert_fails(&Place::new(), &["--jsno"], "unexpected argument '--jsno'");
    assert_fails(&Place::new(), &["--custom-field", "X1=bugdet"], "there is no field `bugdet`");
}

#[test]
fn help_tells_the_exit_codes() {
    let ended = Place::new().run(&["--help"]);
    assert_eq!(ended.code(), Some(0));
    assert!(ended.out().contains("2 if some rows were rejected"), "{}", ended.out());
}
