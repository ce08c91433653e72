//! Records of behaviours, short to write.

use circuit_core::{DmlRequest, Record, RecordId, SaveMode, Value};

/// Returns records of an object, numbered by a text field.
pub(in crate::conformance::apex) fn many(object: &str, field: &str, count: usize) -> Vec<Record> {
    (0..count).map(|i| Record::new(object).with(field, format!("{i}"))).collect()
}

pub(in crate::conformance::apex) fn contact(name: &str) -> Record {
    Record::new("Contact").with("LastName", name)
}

pub(in crate::conformance::apex) fn account(name: &str) -> Record {
    Record::new("Account").with("Name", name)
}

fn title(object: &str) -> &'static str {
    match object {
        "Contact" => "LastName",
        "Task" => "Subject",
        _ => "Name",
    }
}

/// Makes a record with a name.
pub(in crate::conformance::apex) fn named(object: &str, name: &str) -> Record {
    Record::new(object).with(title(object), name)
}

/// Makes records with names.
pub(in crate::conformance::apex) fn all_named(object: &str, names: &[&str]) -> Vec<Record> {
    names.iter().map(|name| named(object, name)).collect()
}

/// A change of a stored record.
pub(in crate::conformance::apex) fn of(object: &str, id: &RecordId) -> Record {
    Record::new(object).with_id(id.clone())
}

pub(in crate::conformance::apex) fn id(text: &str) -> RecordId {
    text.parse().expect("the behaviours name valid ids")
}

/// Returns a record's name.
pub(in crate::conformance::apex) fn name_of(record: &Record) -> String {
    text(record, title(record.object()))
}

/// Returns a text field; empty if it has no value.
pub(in crate::conformance::apex) fn text(record: &Record, field: &str) -> String {
    record.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Makes a call partial.
pub(in crate::conformance::apex) fn partial(request: DmlRequest) -> DmlRequest {
    request.with_mode(SaveMode::Partial)
}

/// Makes a call isolate its failures.
pub(in crate::conformance::apex) fn isolated(request: DmlRequest) -> DmlRequest {
    request.with_mode(SaveMode::Isolate)
}
