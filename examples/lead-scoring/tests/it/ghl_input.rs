//! Webhook payloads as GoHighLevel sends them.

use std::path::Path;

use circuit_core::Value;
use lead_scoring::input::{CustomFields, Format, Reader, Rejected};

use crate::{Rows, folder};

/// The samples that ship with the example.
fn samples() -> Rows {
    Rows::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("data/ghl-webhooks"))
}

fn payload(text: &str) -> Rows {
    let folder = folder(&[("one.json", text.as_bytes())]);
    Rows::read(folder.path())
}

#[test]
fn the_samples_give_one_lead_for_each_contact() {
    let rows = samples();
    assert_eq!(rows.ids(), ["ctDEMOcontact00000001", "nmFmQEsNgz6AVpgLVUJ0"]);
    assert!(rows.rejected.is_empty(), "{:?}", rows.rejected);
    assert_eq!(rows.leads[1].record.get("country"), Some(&Value::from("DE")));
}

#[test]
fn payloads_that_are_no_leads_are_skipped_with_their_reason() {
    let mut reasons: Vec<String> =
        samples().skipped.into_iter().map(|skipped| skipped.reason).collect();
    reasons.sort();
    reasons.dedup();
    let expected = [
        "an older event of a contact",
        "no `type`, so not an app webhook",
        "type ContactDelete: the contact is gone",
        "type ContactDndUpdate: says only how the contact may be reached",
        "type TaskCreate: not a contact",
    ];
    assert_eq!(reasons, expected);
}

#[test]
fn the_envelope_is_not_stored_and_the_rest_is() {
    let rows = payload(
        r#"{"type":"ContactUpdate","id":"c","city":"Ur","timestamp":"2026-01-01T00:00:00Z",
            "webhookId":"w","appId":"a","versionId":"v","locationId":"l"}"#,
    );
    let other = serde_json::json!({"city": "Ur", "locationId": "l"});
    assert_eq!(rows.field("other"), Some(&Value::from(other)));
}

#[test]
fn a_record_nested_in_data_is_accepted() {
    let rows = payload(r#"{"type":"ContactCreate","data":{"id":"c","email":"x@y.z"}}"#);
    assert_eq!(rows.ids(), ["c"]);
    assert_eq!(rows.field("email"), Some(&Value::from("x@y.z")));
}

#[test]
fn custom_fields_count_under_our_names_and_the_rest_is_kept() {
    let rows = payload(
        r#"{"type":"ContactCreate","id":"c","customFields":[
            {"id":"pageViews","value":"7"},{"id":"demoRequested","value":true},
            {"id":"BcdmQEsNgz6AVpgLVUJ0","value":"XYZ Corp"}]}"#,
    );
    assert_eq!(rows.field("pageViews"), Some(&Value::from(7)));
    assert_eq!(rows.field("demoRequested"), Some(&Value::from(true)));
    let left =
        serde_json::json!({"customFields": [{"id": "BcdmQEsNgz6AVpgLVUJ0", "value": "XYZ Corp"}]});
    assert_eq!(rows.field("other"), Some(&Value::from(left)));
}

#[test]
fn a_locations_own_custom_fields_are_mapped() {
    let folder = folder(&[(
        "one.json",
        br#"{"type":"ContactCreate","id":"c","customFields":[{"id":"X1","value":9000}]}"#,
    )]);
    let mut custom = CustomFields::default();
    custom.add("X1=budget").unwrap();
    let rows = Rows::of(Reader::open(folder.path(), Format::Ghl, custom).unwrap());
    assert_eq!(rows.field("budget"), Some(&Value::from(9_000)));
}

#[test]
fn a_mapping_to_no_field_lists_the_fields() {
    let error = CustomFields::default().add("X1=bugdet").unwrap_err();
    assert!(error.starts_with("there is no field `bugdet`; the fields are email, "), "{error}");
    assert!(CustomFields::default().add("X1").unwrap_err().contains("isn't ID=FIELD"));
}

#[test]
fn the_newest_event_of_a_contact_counts_whatever_its_file_is_called() {
    let event = |at: &str, phone: &str| {
        format!(r#"{{"type":"ContactUpdate","id":"c","phone":"{phone}","timestamp":"{at}"}}"#)
    };
    let folder = folder(&[
        ("a.json", event("2026-01-02T00:00:00Z", "new").as_bytes()),
        ("b.json", event("2026-01-01T00:00:00Z", "old").as_bytes()),
    ]);
    let rows = Rows::read(folder.path());
    assert_eq!(rows.field("phone"), Some(&Value::from("new")));
    assert_eq!(rows.skipped.len(), 1);
}

#[test]
fn each_bad_payload_is_refused_by_file_and_cause() {
    let folder = folder(&[
        ("1.json", b"{\"type\":"),
        ("2.json", b"[]"),
        ("3.json", br#"{"type":5}"#),
        ("4.json", br#"{"type":"ContactCreate"}"#),
        ("5.json", br#"{"type":"ContactCreate","id":"c","email":5}"#),
        ("6.json", br#"{"type":"ContactCreate","id":"d","customFields":{"a":1}}"#),
        ("7.json", br#"{"type":"ContactCreate","id":"e","customFields":[{"value":1}]}"#),
        ("8.json", br#"{"type":"ContactCreate","data":[]}"#),
        ("9.json", b"\xff"),
        ("note.txt", b"not a payload"),
    ]);
    let causes: Vec<String> =
        Rows::read(folder.path()).rejected.iter().map(Rejected::cause).collect();
    let expected = [
        "expected JSON, got EOF while parsing a value at column 8",
        "expected one webhook payload as an object, got a list",
        "type: expected text, got a number",
        "id: expected an id as text, got nothing",
        "email: expected text, got a number",
        "customFields: expected a list, got an object",
        "customFields[0].id: expected text, got nothing",
        "data: expected an object, got a list",
        "expected UTF-8 text, got other bytes",
    ];
    assert_eq!(causes, expected);
}

#[test]
fn a_mapped_custom_field_of_the_wrong_type_is_refused() {
    let rows = payload(
        r#"{"type":"ContactCreate","id":"c","customFields":[{"id":"budget","value":"a lot"}]}"#,
    );
    assert_eq!(rows.refusal(), "customFields[0].value: expected a whole number, got text");
}
