//! The published vectors, and the edges that they leave out.

use lead_scoring::score::{Score, Signals, task_subject};
use serde_json::Value as Json;

/// Reads a lead without the readers of the crate, so that neither hides the other's mistakes.
fn signals(lead: &Json) -> Signals<'_> {
    let custom = |name: &str| &lead["customFields"][name];
    let enriched = |part: &str, name: &str| lead["enrichment"][part][name].as_i64();
    Signals {
        seniority: lead["enrichment"]["linkedin"]["seniority"].as_str(),
        company_size: enriched("linkedin", "companySize"),
        median_income: enriched("census", "medianIncome"),
        owner_occupied_pct: enriched("census", "ownerOccupiedPct"),
        distance_km: enriched("maps", "distanceKm"),
        rating10: enriched("maps", "rating10"),
        page_views: custom("pageViews").as_i64(),
        email_opens: custom("emailOpens").as_i64(),
        email_clicks: custom("emailClicks").as_i64(),
        form_submits: custom("formSubmits").as_i64(),
        demo_requested: custom("demoRequested").as_bool(),
        source: lead["source"].as_str(),
        timeline_days: custom("timelineDays").as_i64(),
        last_activity_hours: custom("lastActivityHours").as_i64(),
        budget: custom("budget").as_i64(),
    }
}

#[test]
fn every_vector_has_its_score_grade_action_and_subject() {
    let text = std::fs::read_to_string(crate::data("vectors.jsonl")).unwrap();
    let vectors: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(vectors.len(), 100);
    for vector in &vectors {
        let lead = &vector["lead"];
        let score = Score::of(&signals(lead));
        let got = serde_json::json!({
            "fit": score.fit, "intent": score.intent, "timing": score.timing, "score": score.total(),
            "grade": score.grade().as_str(), "next_action": score.next_action().as_str(),
        });
        assert_eq!(got, vector["expect"], "{} ({})", vector["name"], lead["id"]);
        let subject = task_subject(lead["firstName"].as_str(), lead["lastName"].as_str());
        assert_eq!(vector["subject"], subject, "{}", vector["name"]);
    }
}

#[test]
fn the_largest_numbers_do_not_overflow() {
    let most = Some(i64::MAX);
    let signals = Signals {
        company_size: most,
        median_income: most,
        owner_occupied_pct: most,
        distance_km: most,
        rating10: most,
        page_views: most,
        email_opens: most,
        email_clicks: most,
        form_submits: most,
        timeline_days: most,
        last_activity_hours: most,
        budget: most,
        ..Signals::default()
    };
    assert_eq!(Score::of(&signals), Score { fit: 24, intent: 30, timing: 4 });
}

#[test]
fn a_negative_number_is_not_a_short_time_or_distance() {
    let signals = Signals {
        distance_km: Some(i64::MIN),
        timeline_days: Some(-1),
        last_activity_hours: Some(-1),
        ..Signals::default()
    };
    assert_eq!(Score::of(&signals), Score::default());
}

#[test]
fn a_task_is_wanted_from_seventy_five_on() {
    let of = |timing| Score { fit: 40, intent: 20, timing };
    assert!(!of(14).wants_task());
    assert!(of(15).wants_task());
}

#[test]
fn missing_names_leave_the_subject_standing() {
    assert_eq!(task_subject(None, Some("Sato")), "Immediate follow-up:  Sato");
    assert_eq!(task_subject(None, None), "Immediate follow-up:  ");
}
