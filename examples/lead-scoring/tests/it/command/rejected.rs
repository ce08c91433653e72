//! Rows that can't be used: reported with file and line, and the rest is stored.

use super::Place;
use crate::data;

#[test]
fn bad_lines_are_listed_by_cause_with_file_and_line_and_the_exit_code_says_so() {
    let file = data("bad.jsonl").display().to_string();
    let ended = Place::new().run(&[&file]);
    assert_eq!(ended.code(), Some(2), "{}", ended.err());
    let out = ended.out();
    assert!(out.starts_with("Scored 2 leads"), "{out}");
    assert!(out.contains("Rejected  16 rows"), "{out}");
    let cause = format!("id: expected an id as text, got nothing\n            {file}:3\n");
    assert!(out.contains(&cause), "{out}");
}

#[test]
fn json_lists_every_bad_line() {
    let file = data("bad.jsonl").display().to_string();
    let ended = Place::new().run(&[&file, "--json"]);
    assert_eq!(ended.code(), Some(2));
    let (lines, summary) = ended.json();
    assert_eq!(lines.len(), 2);
    assert_eq!(summary["rejected"], 16);
    let rejection = &summary["rejections"][5];
    let expected = serde_json::json!({
        "file": file, "line": 7, "field": "customFields.pageViews",
        "reason": "expected a whole number, got text",
    });
    assert_eq!(*rejection, expected);
}

#[test]
fn many_rows_of_one_cause_are_cut_short() {
    let place = Place::new();
    let file = place.file("bad.jsonl", "{}\n".repeat(30));
    let out = place.run(&[&file]).out();
    assert!(out.contains("bad.jsonl:10\n            and 20 more, which --json lists"), "{out}");
}

#[test]
fn a_row_that_the_database_refuses_costs_itself_alone() {
    let place = Place::new();
    let long = format!(r#"{{"id":"b","email":"{}@quillmark.example"}}"#, "x".repeat(300));
    let file = place.file("long.jsonl", format!("{{\"id\":\"a\"}}\n{long}\n{{\"id\":\"c\"}}\n"));
    let ended = place.run(&[&file, "--json"]);
    assert_eq!(ended.code(), Some(2), "{}", ended.err());
    let (lines, summary) = ended.json();
    let ids: Vec<&str> = lines.iter().filter_map(|line| line["id"].as_str()).collect();
    assert_eq!(ids, ["a", "c"]);
    assert_eq!(summary["rejections"][0]["line"], 2);
    assert_eq!(summary["rejections"][0]["field"], "email");
    let reason = summary["rejections"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("STRING_TOO_LONG"), "{reason}");
}
