//! JSON lines, good and bad.

use circuit_core::Value;

use crate::Rows;

const GOOD: &str = r#"{"id":"a"}"#;

fn of(text: impl AsRef<[u8]>) -> Rows {
    Rows::of_file("leads.jsonl", text)
}

#[test]
fn a_lead_is_flat_in_the_record() {
    let rows =
        of(r#"{"id":"a","firstName":"Ada","customFields":{"pageViews":3,"demoRequested":true},
        "enrichment":{"census":{"medianIncome":70000},"linkedin":{"seniority":"VP"}}}"#
            .replace('\n', " "));
    assert_eq!(rows.field("firstName"), Some(&Value::from("Ada")));
    assert_eq!(rows.field("pageViews"), Some(&Value::from(3)));
    assert_eq!(rows.field("demoRequested"), Some(&Value::from(true)));
    assert_eq!(rows.field("medianIncome"), Some(&Value::from(70_000)));
    assert_eq!(rows.field("seniority"), Some(&Value::from("VP")));
}

#[test]
fn absent_and_null_stay_apart() {
    let rows = of(r#"{"id":"a","phone":null}"#);
    assert_eq!(rows.field("phone"), Some(&Value::Null));
    assert_eq!(rows.field("email"), None);
}

#[test]
fn what_no_rule_knows_is_kept_as_it_came() {
    let rows =
        of(r#"{"id":"a","tags":["x"],"customFields":{"shoe":43.5,"budget":1},"enrichment":null}"#);
    let other = serde_json::json!({"tags": ["x"], "customFields": {"shoe": 43.5}});
    assert_eq!(rows.field("other"), Some(&Value::from(other)));
    assert_eq!(rows.field("budget"), Some(&Value::from(1)));
}

#[test]
fn names_match_without_regard_to_case_and_may_stand_flat() {
    let rows = of(r#"{"ID":"a","EMAIL":"x@y.z","companySize":12}"#);
    assert_eq!(rows.field("email"), Some(&Value::from("x@y.z")));
    assert_eq!(rows.field("companySize"), Some(&Value::from(12)));
}

#[test]
fn a_score_from_outside_is_not_taken() {
    let rows = of(r#"{"id":"a","vlpr_score__c":100,"VLPR_Grade__c":"A"}"#);
    assert_eq!(rows.field("vlpr_score__c"), None);
    assert_eq!(rows.field("vlpr_grade__c"), None);
    assert_eq!(rows.field("other"), None);
}

#[test]
fn whole_numbers_may_be_written_as_decimals() {
    let rows = of(r#"{"id":"a","budget":3e2,"pageViews":4.0}"#);
    assert_eq!(rows.field("budget"), Some(&Value::from(300)));
    assert_eq!(rows.field("pageViews"), Some(&Value::from(4)));
}

#[test]
fn each_bad_line_is_refused_by_line_and_cause_and_stops_nothing() {
    let rows = Rows::read(&crate::data("bad.jsonl"));
    let expected = [
        (2, "expected JSON, got EOF while parsing an object at column 24"),
        (3, "id: expected an id as text, got nothing"),
        (4, "id: expected an id as text, got a number"),
        (5, "id: expected 1 to 255 bytes without white space and `#`, got empty text"),
        (6, "id: expected an id of its own, got one that came before"),
        (7, "customFields.pageViews: expected a whole number, got text"),
        (8, "customFields.budget: expected a whole number, got a decimal number"),
        (9, "customFields.demoRequested: expected true or false, got a number"),
        (10, "enrichment.census.medianIncome: expected a whole number, got a list"),
        (11, "email: expected text, got an object"),
        (12, "enrichment: expected an object, got text"),
        (13, "expected one lead as an object, got a list"),
        (14, "id: expected an id as text, got null"),
        (15, "expected JSON, got trailing characters at column 12"),
        (16, "customFields.budget: expected a whole number, got too large a number"),
        (17, "id: expected 1 to 255 bytes without white space and `#`, got other text"),
    ];
    let expected: Vec<(u64, String)> =
        expected.map(|(line, cause)| (line, cause.to_owned())).into();
    assert_eq!(rows.refusals(), expected);
    assert_eq!(rows.ids(), ["bad-first", "bad-last"]);
}

#[test]
fn a_refusal_never_repeats_a_value() {
    let rows = of(r#"{"id":"a","email":{"secret":"s3cret"}} {"id":"s3cret","budget":"s3cret"}"#);
    assert!(!rows.rejected[0].to_string().contains("s3cret"), "{}", rows.rejected[0]);
    let rows = of(r#"{"id":"a","budget":"s3cret"}"#);
    assert!(!rows.rejected[0].to_string().contains("s3cret"), "{}", rows.rejected[0]);
}

#[test]
fn a_refusal_names_file_and_line() {
    let rows = of(format!("{GOOD}\n\n{{}}"));
    let text = rows.rejected[0].to_string();
    assert!(text.ends_with("leads.jsonl:3: id: expected an id as text, got nothing"), "{text}");
}

#[test]
fn windows_line_ends_blank_lines_and_a_byte_order_mark_are_no_rows() {
    let rows = of("\u{feff}{\"id\":\"a\"}\r\n\r\n   \r\n{\"id\":\"b\"}\r\n");
    assert_eq!(rows.ids(), ["a", "b"]);
    assert_eq!(rows.leads[1].origin.line, Some(4));
    assert!(rows.rejected.is_empty(), "{:?}", rows.rejected);
}

#[test]
fn bytes_that_are_not_utf8_cost_their_line() {
    let rows = of([GOOD.as_bytes(), b"\n{\"id\":\"\xff\"}\n", br#"{"id":"b"}"#].concat());
    assert_eq!(rows.refusals(), [(2, "expected UTF-8 text, got other bytes".to_owned())]);
    assert_eq!(rows.ids(), ["a", "b"]);
}

#[test]
fn a_line_over_a_mebibyte_costs_itself() {
    let long = format!(r#"{{"id":"long","phone":"{}"}}"#, "5".repeat(3 << 20));
    let rows = of(format!("{GOOD}\n{long}\n{}", r#"{"id":"b"}"#));
    assert_eq!(rows.refusal(), "expected a line of at most 1 MiB, got a longer one");
    assert_eq!(rows.ids(), ["a", "b"]);
}

#[test]
fn deep_nesting_is_refused_and_not_a_crash() {
    let rows = of(format!(r#"{{"id":"a","x":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000)));
    assert!(rows.refusal().starts_with("expected JSON, got recursion limit exceeded"));
}

#[test]
fn both_forms_of_a_salesforce_id_are_one_lead() {
    let rows = of("{\"id\":\"001D000000IRFma\"}\n{\"id\":\"001D000000IRFmaIAH\"}");
    assert_eq!(rows.ids(), ["001D000000IRFma"]);
    assert_eq!(rows.refusal(), "id: expected an id of its own, got one that came before");
}

#[test]
fn an_empty_file_has_no_rows() {
    assert!(of("").ids().is_empty());
    assert!(of("").rejected.is_empty());
}
