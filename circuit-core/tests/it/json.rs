//! Records from JSON text that somebody else wrote.

use std::fmt::Write;

use circuit_core::{ErrorKind, Record, RecordJson, Value};

/// An object with these members, each of them 1.
fn line(names: impl IntoIterator<Item = String>) -> String {
    let mut text = String::from("{");
    for (i, name) in names.into_iter().enumerate() {
        let lead = if i == 0 { "" } else { "," };
        write!(text, r#"{lead}"{name}":1"#).unwrap();
    }
    text + "}"
}

fn fresh_names(line: usize) -> impl Iterator<Item = String> {
    (0..100).map(move |i| format!("f{line}_{i}"))
}

fn slots(record: &Record) -> usize {
    record.shape().names().len()
}

#[test]
fn a_stream_of_fresh_names_carries_only_what_a_line_has() {
    let mut reader = RecordJson::plain("FreshNames");
    for number in 0..700 {
        let record = reader.read(&line(fresh_names(number))).unwrap();
        assert_eq!(record.iter().count(), 100);
        assert!(slots(&record) <= 200, "{} slots in line {number}", slots(&record));
    }
}

#[test]
fn a_list_of_fresh_names_carries_only_what_an_item_has() {
    let items: Vec<String> = (0..700).map(|number| line(fresh_names(number))).collect();
    let text = format!("[{}]", items.join(","));
    let records = RecordJson::plain("FreshItems").read_list(&text).unwrap();
    assert!(records.iter().all(|record| record.iter().count() == 100 && slots(record) <= 200));
}

#[test]
fn short_records_after_a_wide_one_are_small() {
    let mut reader = RecordJson::plain("WideThenShort");
    reader.read(&line((0..5_000).map(|i| format!("f{i}")))).unwrap();
    for _ in 0..3 {
        assert_eq!(slots(&reader.read("{}").unwrap()), 1);
    }
}

#[test]
fn a_short_record_among_wide_ones_does_not_part_their_shapes() {
    let wide = line((0..40).map(|i| format!("f{i}")));
    let text = format!(r#"[{wide},{{"f1":2}},{wide}]"#);
    let records = RecordJson::plain("ShortAmongWide").read_list(&text).unwrap();
    assert!(std::sync::Arc::ptr_eq(records[0].shape(), records[2].shape()));
    assert_eq!(records[1].get("F1"), Some(&Value::Integer(2)));
}

#[test]
fn a_record_of_another_object_gets_none_of_the_last_ones_fields() {
    let text = r#"[
        {"attributes":{"type":"JsonContact"},"Email":"a@b.c"},
        {"attributes":{"type":"JsonAccount"},"Name":"Acme"},
        {"Fax":"1","attributes":{"type":"JsonContact"}}
    ]"#;
    let records = RecordJson::salesforce().read_list(text).unwrap();
    assert_eq!(records[1].shape().names(), ["Id", "Name"]);
    assert_eq!(records[2], Record::new("JsonContact").with("Fax", "1"));
}

#[test]
fn the_last_of_two_members_with_one_name_counts() {
    let record = RecordJson::plain("Twice").read(r#"{"a":1,"b":2,"A":3}"#).unwrap();
    assert_eq!(record, Record::new("Twice").with("a", 3).with("b", 2));
}

#[test]
fn over_5000_fields_are_refused_also_where_the_shape_knows_them() {
    let mut reader = RecordJson::plain("TooWide");
    reader.read(&line((0..5_000).map(|i| format!("f{i}")))).unwrap();
    let error = reader.read(&line((0..5_001).map(|i| format!("f{i}")))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(format!("{error:?}").contains("5000 fields"), "{error:?}");
}

#[test]
fn a_name_of_over_255_bytes_is_refused() {
    let at_most = "n".repeat(255);
    let too_long = "n".repeat(256);
    assert!(RecordJson::plain("Names").read(&line([at_most])).is_ok());
    let object = format!(r#"{{"attributes":{{"type":"{too_long}"}}}}"#);
    for (mut reader, text) in
        [(RecordJson::plain("Names"), line([too_long])), (RecordJson::salesforce(), object)]
    {
        let error = reader.read(&text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(format!("{error:?}").contains("255 bytes"), "{error:?}");
    }
}

#[test]
fn a_number_in_nested_json_that_would_lose_digits_is_refused() {
    for number in
        ["12345678901234567890.12345678", "0.1234567890123456789", "123456789012345678901"]
    {
        for text in [format!(r#"{{"a":{{"b":{number}}}}}"#), format!(r#"{{"a":["1e5",{number}]}}"#)]
        {
            let error = RecordJson::plain("Nested").read(&text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text}");
        }
    }
}

#[test]
fn a_number_in_nested_json_that_a_double_holds_is_kept() {
    let text =
        r#"{"a":{"b":[0.1,-1.5e-7,123456789012345.67,18446744073709551615,1e300],"c":"9.9"}}"#;
    let record = RecordJson::plain("Nested").read(text).unwrap();
    let expected = serde_json::json!(
        {"b": [0.1, -1.5e-7, 123_456_789_012_345.67, u64::MAX, 1e300], "c": "9.9"}
    );
    assert_eq!(record.get("a"), Some(&Value::from(expected)));
}

#[test]
fn the_17_digits_that_some_senders_print_of_a_double_are_taken() {
    let record = RecordJson::plain("Nested").read(r#"{"at":{"lat":37.774929999999998}}"#).unwrap();
    assert_eq!(record.get("at"), Some(&Value::from(serde_json::json!({"lat": 37.77493}))));
}
