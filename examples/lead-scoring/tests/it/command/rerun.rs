//! A second run over the same database updates what the first one stored.

use super::{Ended, Place, hot_lead};

/// Scores this text in the place's one database.
fn score(place: &Place, text: &str) -> Ended {
    let file = place.file("leads.jsonl", text);
    let ended = place.run(&[&file, "--db", &place.argument("leads.db"), "--json"]);
    assert_eq!(ended.code(), Some(0), "{}", ended.err());
    ended
}

#[test]
fn the_same_leads_again_change_nothing() {
    let place = Place::new();
    let database = place.argument("leads.db");
    let (first, _) = place.run(&["--db", &database, "--json"]).json();
    let ended = place.run(&["--db", &database, "--json"]);
    let (second, summary) = ended.json();
    assert!(first == second, "the second run printed other leads");
    assert_eq!((&summary["inserted"], &summary["updated"]), (&0.into(), &1_000.into()));
    assert_eq!(summary["tasks"], 0);
}

#[test]
fn new_leads_are_inserted_beside_known_ones() {
    let place = Place::new();
    score(&place, "{\"id\":\"a\"}\n");
    let (lines, summary) = score(&place, "{\"id\":\"b\"}\n{\"id\":\"a\"}\n{\"id\":\"c\"}\n").json();
    let ids: Vec<&str> = lines.iter().filter_map(|line| line["id"].as_str()).collect();
    assert_eq!(ids, ["b", "a", "c"]);
    assert_eq!((&summary["inserted"], &summary["updated"]), (&2.into(), &1.into()));
}

#[test]
fn a_lead_that_warms_up_is_scored_again_and_gets_its_task() {
    let place = Place::new();
    let (cold, _) = score(&place, "{\"id\":\"a\",\"firstName\":\"Yara\"}\n").json();
    assert_eq!((&cold[0]["score"], &cold[0]["task"]), (&0.into(), &serde_json::Value::Null));
    let (hot, summary) = score(&place, &hot_lead("a", "Yara")).json();
    assert_eq!(
        (&hot[0]["score"], &hot[0]["task"]),
        (&79.into(), &"Immediate follow-up: Yara Sato".into())
    );
    assert_eq!(summary["tasks"], 1);
}

#[test]
fn an_open_task_is_not_made_twice() {
    let place = Place::new();
    let hot = hot_lead("a", "Yara");
    score(&place, &hot);
    let (lines, summary) =
        score(&place, &hot.replace("\"pageViews\":20", "\"pageViews\":9")).json();
    assert_eq!(lines[0]["intent"], 39);
    assert_eq!(lines[0]["task"], "Immediate follow-up: Yara Sato");
    assert_eq!(summary["tasks"], 0);
}

#[test]
fn an_absent_field_stays_and_a_null_one_goes() {
    let place = Place::new();
    score(&place, r#"{"id":"a","email":"x@y.z","customFields":{"budget":10000,"pageViews":5}}"#);
    let (lines, _) = score(&place, r#"{"id":"a","customFields":{"pageViews":null}}"#).json();
    assert_eq!(lines[0]["email"], "x@y.z");
    assert_eq!((&lines[0]["timing"], &lines[0]["intent"]), (&4.into(), &0.into()));
}

#[test]
fn a_name_that_changes_leaves_the_score_alone() {
    let place = Place::new();
    score(&place, &hot_lead("a", "Yara"));
    let (lines, summary) = score(&place, r#"{"id":"a","firstName":"Yasmin"}"#).json();
    assert_eq!((&lines[0]["score"], &lines[0]["grade"]), (&79.into(), &"B".into()));
    assert_eq!(summary["tasks"], 0);
}
