//! What came of a call, and what is stored then.

use circuit_core::{
    Circuit, Error, Outcome, Record, Result, RowFailure, SaveResult, StatusCode, Value,
};

use super::Stage;
use super::record::{contact, name_of, of};
use crate::conformance::Broken;

/// Returns the error of a call that must fail.
pub(in crate::conformance::apex) fn error_of<T>(answer: Result<T>) -> Result<Error, Broken> {
    answer.err().ok_or_else(|| Broken("the call did not fail".to_owned()))
}

/// Returns the engine's error that caused this one.
pub(in crate::conformance::apex) fn cause_of(error: &Error) -> Result<&Error, Broken> {
    let none = || Broken(format!("it has no error of the engine as its source: {error:?}"));
    let source = std::error::Error::source(error).ok_or_else(none)?;
    // The engine hands some sources on in a box of their own.
    let boxed = || source.downcast_ref::<Box<Error>>().map(AsRef::as_ref);
    source.downcast_ref().or_else(boxed).ok_or_else(none)
}

/// Returns index, status code and fields of each failure.
pub(in crate::conformance::apex) fn codes(error: &Error) -> Vec<String> {
    let line = |failure: &RowFailure| {
        format!("{} {} {}", failure.index, failure.status, failure.fields.join(","))
    };
    error.failures().iter().map(|failure| line(failure).trim_end().to_owned()).collect()
}

/// Returns the codes of a call that must be refused.
pub(in crate::conformance::apex) fn refused(
    answer: Result<Outcome>,
) -> Result<Vec<String>, Broken> {
    let error = error_of(answer)?;
    if error.failures().is_empty() {
        return Err(Broken(format!("no record was refused: {error:?}")));
    }
    Ok(codes(&error))
}

/// Returns a field of all stored records of an object, by id.
pub(in crate::conformance::apex) async fn column(
    stage: &Stage,
    object: &str,
    field: &str,
) -> Result<Vec<String>> {
    Ok(stage.stored(object).await?.iter().map(|record| show(record.get(field))).collect())
}

/// Returns a value as the notes have it.
pub(in crate::conformance::apex) fn show(value: Option<&Value>) -> String {
    match value {
        None => "absent".to_owned(),
        Some(Value::Null) => "null".to_owned(),
        Some(Value::Text(text)) => text.to_string(),
        Some(Value::Integer(number)) => number.to_string(),
        Some(Value::Id(id)) => id.to_string(),
        Some(other) => format!("{other:?}"),
    }
}

/// Returns the names of the stored records of an object, in order.
pub(in crate::conformance::apex) async fn names(
    stage: &Stage,
    object: &str,
) -> Result<Vec<String>> {
    let mut names: Vec<String> = stage.stored(object).await?.iter().map(name_of).collect();
    names.sort();
    Ok(names)
}

/// Returns the stored record of a name.
pub(in crate::conformance::apex) async fn stored(
    stage: &Stage,
    object: &str,
    name: &str,
) -> Result<Record, Broken> {
    let found = stage.stored(object).await?.into_iter().find(|record| name_of(record) == name);
    found.ok_or_else(|| Broken(format!("there is no {object} {name}")))
}

/// Returns which records were saved.
pub(in crate::conformance::apex) fn saved(results: &[SaveResult]) -> Vec<bool> {
    results.iter().map(SaveResult::is_success).collect()
}

/// Returns the status of each row's last error.
pub(in crate::conformance::apex) fn statuses(results: &[SaveResult]) -> Vec<Option<StatusCode>> {
    results.iter().map(|result| result.errors().last().map(|error| error.status)).collect()
}

/// Inserts, updates, deletes and undeletes a contact, so that every event comes once.
pub(in crate::conformance::apex) async fn whole_life(circuit: &Circuit) -> Result<()> {
    let outcome = circuit.insert(contact("Ada")).await?;
    for id in outcome.ids() {
        circuit.update(of("Contact", id).with("LastName", "Lovelace")).await?;
        circuit.delete(of("Contact", id)).await?;
        circuit.undelete(of("Contact", id)).await?;
    }
    Ok(())
}
