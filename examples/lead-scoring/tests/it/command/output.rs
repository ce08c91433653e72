//! What the command prints when all goes well.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use super::{Place, hot_lead, sample_folder};

#[test]
fn the_built_in_sample_runs_from_any_folder_and_names_its_database() {
    let place = Place::new();
    let ended = place.run(&[]);
    assert_eq!(ended.code(), Some(0), "{}", ended.err());
    let out = ended.out();
    assert!(out.starts_with("Scored 1,000 leads of data/leads.jsonl (built in)\n"), "{out}");
    assert!(out.contains("Tasks     44 created"), "{out}");
    assert!(out.contains("Rejected  none"), "{out}");
    let named = out.lines().last().and_then(|line| line.strip_prefix("Database  "));
    let database = place.databases().pop().unwrap().canonicalize().unwrap();
    assert_eq!(named, Some(&*database.display().to_string()));
}

#[test]
fn the_chart_has_a_bar_for_each_grade() {
    let out = Place::new().run(&[]).out();
    let bar = |grade: &str| {
        let line = out.lines().find(|line| line.starts_with(&format!("  {grade}  "))).unwrap();
        line.matches('█').count()
    };
    assert_eq!(["A", "B", "C", "D", "F"].map(bar), [3, 15, 26, 28, 40]);
}

#[test]
fn nothing_but_the_summary_is_printed_where_nobody_looks() {
    let ended = Place::new().run(&[]);
    assert_eq!(ended.err(), "");
    assert!(!ended.out().contains('\u{1b}'));
}

#[test]
fn json_lines_come_in_the_order_of_the_input_with_these_members() {
    let place = Place::new();
    let file = place.file("two.jsonl", hot_lead("z", "Zoë") + "\n{\"id\":\"a\"}\n");
    let ended = place.run(&[&file, "--json"]);
    let out = ended.out();
    let expected = concat!(
        r#"{"id":"z","fit":19,"intent":40,"timing":20,"score":79,"grade":"B","#,
        r#""next_action":"IMMEDIATE_FOLLOWUP","email":null,"source":"referral","country":"US","#,
        r#""status":"NEW","task":"Immediate follow-up: Zoë Sato"}"#,
        "\n",
        r#"{"id":"a","fit":0,"intent":0,"timing":0,"score":0,"grade":"F","next_action":"EDUCATE","#,
        r#""email":null,"source":"unknown","country":"US","status":"NEW","task":null}"#,
        "\n",
    );
    assert!(out.starts_with(expected), "{out}");
    let (_, summary) = ended.json();
    assert_eq!(summary["inserted"], 2);
    assert_eq!(summary["governor"]["queries"]["limit"], 100);
}

#[test]
fn the_plan_names_the_triggers_and_makes_no_database() {
    let place = Place::new();
    let ended = place.run(&["--plan"]);
    assert_eq!(ended.code(), Some(0), "{}", ended.err());
    for name in ["normalise", "score_contacts", "rescore_contacts", "beforeInsert", "afterUpdate"] {
        assert!(ended.out().contains(name), "{name} is missing in {}", ended.out());
    }
    assert!(place.databases().is_empty());
}

#[test]
fn a_folder_of_webhook_payloads_is_scored_and_the_rest_of_it_counted() {
    let place = Place::new();
    let ended = place.run(&[&sample_folder().display().to_string(), "--json"]);
    assert_eq!(ended.code(), Some(0), "{}", ended.err());
    let (lines, summary) = ended.json();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1]["email"], "johndeo@gmail.comm");
    assert_eq!(summary["skipped"]["type TaskCreate: not a contact"], 1);
}

#[test]
fn custom_fields_of_a_location_count_once_they_are_mapped() {
    let place = Place::new();
    let payload =
        r#"{"type":"ContactCreate","id":"c","customFields":[{"id":"X1","value":"10000"}]}"#;
    let file = place.file("one.json", payload);
    let ended = place.run(&[&file, "--format", "ghl", "--custom-field", "X1=budget", "--json"]);
    assert_eq!(ended.json().0[0]["timing"], 4, "{}", ended.err());
}

#[test]
fn an_empty_input_is_no_error() {
    let place = Place::new();
    let file = place.file("empty.jsonl", "");
    let ended = place.run(&[&file]);
    assert_eq!(ended.code(), Some(0), "{}", ended.err());
    assert!(ended.out().starts_with("Scored 0 leads"), "{}", ended.out());
}

#[test]
fn a_reader_that_goes_away_ends_the_job_quietly() {
    let place = Place::new();
    let mut command = place.command(&["--json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    let mut reader = BufReader::with_capacity(64, child.stdout.take().unwrap());
    reader.read_line(&mut first).unwrap();
    drop(reader);
    let ended = super::Ended(child.wait_with_output().unwrap());
    assert!(first.starts_with(r#"{"id":"lead-0001""#), "{first}");
    assert_eq!(ended.err(), "");
    assert_eq!(ended.code(), Some(0));
}
