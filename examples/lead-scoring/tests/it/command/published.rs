//! The published leads, through the whole way: file, triggers, database, output.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::Place;
use crate::data;

fn text_of(name: &str) -> String {
    std::fs::read_to_string(data(name)).expect("the data ships with the tests")
}

#[test]
fn every_vector_is_scored_and_stored_as_published() {
    let vectors: Vec<Json> =
        text_of("vectors.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let leads: String = vectors.iter().map(|vector| vector["lead"].to_string() + "\n").collect();
    let place = Place::new();
    let file = place.file("vectors.jsonl", leads);

    let ended = place.run(&[&file, "--json"]);

    assert_eq!(ended.code(), Some(0), "{}", ended.err());
    let (lines, summary) = ended.json();
    assert_eq!(lines.len(), 100);
    let mut tasks = 0;
    for (line, vector) in lines.iter().zip(&vectors) {
        let mut expected = json!({"id": vector["lead"]["id"], "task": null});
        for part in ["expect", "normalized"] {
            let members = vector[part].as_object().unwrap().clone();
            expected.as_object_mut().unwrap().extend(members);
        }
        if vector["expect"]["score"].as_i64() >= Some(75) {
            expected["task"] = vector["subject"].clone();
            tasks += 1;
        }
        assert_eq!(*line, expected, "{}", vector["name"]);
    }
    assert_eq!(summary["tasks"], tasks);
}

#[test]
fn the_thousand_contacts_give_the_published_contacts_and_tasks() {
    let place = Place::new();
    let ended = place.run(&[&data("contacts.sample.tsv").display().to_string(), "--json"]);

    assert_eq!(ended.code(), Some(0), "{}", ended.err());
    let (mut lines, summary) = ended.json();
    lines.sort_by_key(|line| line["id"].as_str().map(str::to_owned));
    let row = |line: &Json, fields: &[&str]| {
        let text = |field: &&str| {
            line[*field].as_str().map_or_else(|| line[*field].to_string(), str::to_owned)
        };
        fields.iter().map(text).collect::<Vec<_>>().join("\t") + "\n"
    };
    let contacts: String = lines
        .iter()
        .map(|line| row(line, &["id", "email", "source", "country", "status"]))
        .collect();
    assert!(contacts == text_of("contacts.expected.tsv"), "the contacts differ");
    let tasks: String = lines
        .iter()
        .filter(|line| !line["task"].is_null())
        .map(|line| row(line, &["id", "score", "grade", "next_action", "task"]))
        .collect();
    assert!(tasks == text_of("tasks.expected.tsv"), "the tasks differ");
    assert_eq!(summary["tasks"], tasks.lines().count());
}

#[test]
fn the_sample_has_every_grade_and_some_tasks() {
    let place = Place::new();
    let (lines, summary) = place.run(&["--json"]).json();
    assert_eq!(lines.len(), 1_000);
    let grades: BTreeMap<String, u64> = serde_json::from_value(summary["grades"].clone()).unwrap();
    let expected = [("A", 19), ("B", 135), ("C", 233), ("D", 252), ("F", 361)];
    assert_eq!(grades, expected.map(|(grade, count)| (grade.to_owned(), count)).into());
    assert_eq!(summary["tasks"], 44);
}
