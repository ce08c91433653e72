//! The checks of one record against its schema (A4, steps 2 and 5).

use super::{FieldSchema, ObjectSchema};
use crate::error::{RowFailure, StatusCode};
use crate::record::{ID_SLOT, Record};
use crate::value::{Text, Value};

/// Which of the two validations runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Before the before handlers: what the caller gave (A4 step 2).
    Request,
    /// After the before handlers: what will be stored, required fields included (A4 step 5).
    Save,
}

/// Checks a record in its schema's shape, turns values into the declared types, and adds one
/// failure per field at fault.
pub(crate) fn check(
    schema: &ObjectSchema,
    phase: Phase,
    record: &mut Record,
    index: usize,
    failures: &mut Vec<RowFailure>,
) {
    let before = failures.len();
    for (i, field) in schema.fields().iter().enumerate() {
        let slot = i + 1;
        if let Err((status, message)) = check_field(field, phase, record, slot) {
            failures.push(RowFailure::new(index, status, message).with_field(field.name()));
        }
    }
    unknown_fields(schema, record, index, failures);
    debug_assert!(failures.len() >= before);
}

/// Cuts texts to the length of their fields.
pub(crate) fn cut(schema: &ObjectSchema, record: &mut Record) {
    for (i, field) in schema.fields().iter().enumerate() {
        let (Some(limit), Some(Value::Text(text))) = (field.length(), record.get_slot(i + 1))
        else {
            continue;
        };
        if text.len() > limit
            && let Some((end, _)) = text.char_indices().nth(limit)
        {
            let short = Text::from(&text[..end]);
            record.set_slot(i + 1, Value::Text(short));
        }
    }
}

fn check_field(
    field: &FieldSchema,
    phase: Phase,
    record: &mut Record,
    slot: usize,
) -> Result<(), (StatusCode, String)> {
    let value = record.get_slot(slot);
    match value {
        None | Some(Value::Null) => {
            let missing = field.is_required() && phase == Phase::Save;
            if missing {
                Err((StatusCode::RequiredFieldMissing, "a required field is missing".into()))
            } else {
                Ok(())
            }
        }
        Some(value) if field.field_type().admits(value) => check_value(field, value),
        Some(value) => {
            let coerced = field
                .field_type()
                .coerce(value)
                .map_err(|error| (StatusCode::InvalidType, error.to_string()))?;
            check_value(field, &coerced)?;
            record.set_slot(slot, coerced);
            Ok(())
        }
    }
}

fn check_value(field: &FieldSchema, value: &Value) -> Result<(), (StatusCode, String)> {
    match value {
        Value::Text(text) => check_text(field, text),
        Value::MultiPicklist(list) => {
            list.values().iter().try_for_each(|value| check_text(field, value))
        }
        _ => Ok(()),
    }
}

fn check_text(field: &FieldSchema, text: &Text) -> Result<(), (StatusCode, String)> {
    if let Some(limit) = field.length()
        && text.len() > limit
        && text.chars().count() > limit
    {
        let message = format!("{} characters, at most {limit} fit", text.chars().count());
        return Err((StatusCode::StringTooLong, message));
    }
    let listed = |value: &Text| value.eq_ignore_ascii_case(text);
    if field.is_restricted() && !field.picklist().iter().any(listed) {
        let message = format!("not in the picklist: {}", field.picklist().join(", "));
        return Err((StatusCode::InvalidPicklistValue, message));
    }
    Ok(())
}

/// A record in a wider shape than its schema's has fields that nobody declared.
fn unknown_fields(
    schema: &ObjectSchema,
    record: &Record,
    index: usize,
    failures: &mut Vec<RowFailure>,
) {
    let declared = schema.fields().len() + 1;
    for (slot, name) in record.shape().names().iter().enumerate().skip(declared) {
        if record.get_slot(slot).is_some() {
            let message = match nearest(schema.fields().iter().map(FieldSchema::name), name) {
                Some(known) => {
                    format!("no such field on {}; did you mean `{known}`?", schema.object())
                }
                None => format!("no such field on {}", schema.object()),
            };
            failures
                .push(RowFailure::new(index, StatusCode::InvalidField, message).with_field(name));
        }
    }
    debug_assert!(matches!(record.get_slot(ID_SLOT), None | Some(Value::Null | Value::Id(_))));
}

/// The known name that differs least from the name, if it is near at all.
pub(crate) fn nearest<'a>(known: impl Iterator<Item = &'a Text>, name: &str) -> Option<&'a Text> {
    let scored = known
        .map(|known| (distance(&known.to_ascii_lowercase(), &name.to_ascii_lowercase()), known));
    scored
        .filter(|(distance, _)| *distance <= 2)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// Levenshtein's distance between two ASCII names.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::FieldType;

    fn schema() -> ObjectSchema {
        ObjectSchema::new("Deal")
            .with_field(FieldSchema::new("Name", FieldType::Text).required().with_length(3))
            .with_field(FieldSchema::new("Close", FieldType::Date))
            .with_field(
                FieldSchema::new("Stage", FieldType::Text).with_picklist(["Open"]).restricted(),
            )
    }

    fn run(record: Record, phase: Phase) -> (Record, Vec<RowFailure>) {
        let schema = schema();
        let shape = schema.shape().extended(record.shape().names().iter().map(|name| &**name));
        let (mut record, mut failures) = (record.with_shape(&shape), Vec::new());
        check(&schema, phase, &mut record, 7, &mut failures);
        (record, failures)
    }

    #[test]
    fn every_field_at_fault_is_named_once() {
        let record =
            Record::new("Deal").with("Name", "long").with("Close", "soon").with("Stage", "x");
        let (_, failures) = run(record, Phase::Request);
        let seen: Vec<_> = failures.iter().map(|f| (f.status, f.fields[0].as_str())).collect();
        assert_eq!(
            seen,
            [
                (StatusCode::StringTooLong, "Name"),
                (StatusCode::InvalidType, "Close"),
                (StatusCode::InvalidPicklistValue, "Stage"),
            ]
        );
        assert!(failures.iter().all(|failure| failure.index == 7));
    }

    #[test]
    fn required_fields_are_asked_for_at_the_save_only() {
        assert!(run(Record::new("Deal"), Phase::Request).1.is_empty());
        let (_, failures) = run(Record::new("Deal"), Phase::Save);
        assert_eq!(failures[0].status, StatusCode::RequiredFieldMissing);
    }

    #[test]
    fn text_becomes_the_declared_type() {
        let (record, failures) =
            run(Record::new("Deal").with("Close", "2026-02-28"), Phase::Request);
        assert!(failures.is_empty());
        assert_eq!(record.get("Close").unwrap().type_name(), "date");
    }

    #[test]
    fn an_unknown_field_gets_a_suggestion() {
        let (_, failures) = run(Record::new("Deal").with("Nmae", "x"), Phase::Request);
        assert_eq!(failures[0].message, "no such field on Deal; did you mean `Name`?");
    }

    #[test]
    fn length_counts_characters_not_bytes() {
        assert!(run(Record::new("Deal").with("Name", "äöü"), Phase::Save).1.is_empty());
    }
}
