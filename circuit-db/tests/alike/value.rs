//! Random values: few of each type, so that they meet, and those at the edges.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime};
use circuit_core::{FieldType, MultiPicklist, RecordId, Value};
use rust_decimal::Decimal;

use crate::dice::Dice;

pub(crate) const TYPES: [FieldType; 11] = [
    FieldType::Text,
    FieldType::Integer,
    FieldType::Decimal,
    FieldType::Boolean,
    FieldType::Date,
    FieldType::DateTime,
    FieldType::Time,
    FieldType::MultiPicklist,
    FieldType::Id,
    FieldType::Json,
    FieldType::Any,
];

const TEXTS: [&str; 18] = [
    "",
    "a",
    "A",
    "ab",
    "aB",
    "%",
    "a_b",
    "z",
    "Z",
    "a;b",
    "\\",
    "\u{c4}",
    "\u{e4}",
    "\u{130}",
    "i\u{307}",
    "\u{3a3}",
    "\u{1f600}",
    "Acc1",
];

const LISTS: [&str; 9] = ["", "a", "A", "a;b", "b;A", "ab;c", "\u{c4}", "\u{e4};a", "c"];

/// Returns the id of a record; most are those of some record, one has two forms.
pub(crate) fn id(dice: &mut Dice) -> RecordId {
    let object = *dice.pick(&["Acc", "Con", "Tas", "Open"]);
    let text = match dice.below(10) {
        0 => "nobody".to_owned(),
        1 => "001D000000IRFma".to_owned(),
        2 => "001D000000IRFmaIAH".to_owned(),
        _ => format!("{object}{}", dice.below(6)),
    };
    text.parse().unwrap()
}

pub(crate) fn text(dice: &mut Dice) -> String {
    (*dice.pick(&TEXTS)).to_owned()
}

pub(crate) fn day(dice: &mut Dice) -> NaiveDate {
    let ymd = |(year, month, day)| NaiveDate::from_ymd_opt(year, month, day).unwrap();
    let extreme = [(-4000, 1, 2), (-1, 12, 31), (9999, 12, 31), (10_000, 1, 1), (200_000, 1, 5)];
    match dice.below(12) {
        0 => ymd(*dice.pick(&extreme)),
        _ => ymd((2026, 1, 1)) + chrono::TimeDelta::days(dice.below(400) as i64 - 40),
    }
}

/// A number at the edge of what a decimal holds, or with all its digits.
fn edge(dice: &mut Dice) -> Decimal {
    let number: Decimal = dice
        .pick(&[
            "79228162514264337593543950335",
            "-79228162514264337593543950335",
            "7.9228162514264337593543950335",
            "0.0000000000000000000000000001",
            "-0.0000000000000000000000000001",
            "12345678901234.567890123456789",
            "-12345678901234.567890123456789",
            "0.3333333333333333333333333333",
            "100000000000000000000",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808.5",
            "1.000000000000000000000000000",
            "0.0",
        ])
        .parse()
        .unwrap();
    if dice.chance(10) {
        let mut zero = Decimal::new(0, dice.below(3) as u32);
        zero.set_sign_negative(true);
        return zero;
    }
    number
}

/// A value of a type; `big` lets numbers be at the edge, where sums are too large.
pub(crate) fn of(dice: &mut Dice, field_type: FieldType, big: bool) -> Value {
    match field_type {
        FieldType::Text => Value::from(text(dice)),
        FieldType::Integer if big && dice.chance(50) => {
            let edges = [i64::MAX, i64::MAX - 1, i64::MIN, i64::MIN + 1, 1 << 53, (1 << 53) + 1];
            Value::from(*dice.pick(&edges))
        }
        FieldType::Integer => Value::from(dice.below(6) as i64 - 2),
        FieldType::Decimal if big && dice.chance(60) => Value::Decimal(edge(dice)),
        FieldType::Decimal => {
            // 1, 1.0 and 1.00 are one number.
            let scale = dice.below(4) as u32;
            let mut number = Decimal::new(dice.below(60) as i64 - 20, dice.below(3) as u32);
            if dice.chance(40) {
                number = Decimal::new(dice.below(3) as i64 - 1, 0);
                number.rescale(scale);
            }
            Value::Decimal(number)
        }
        FieldType::Boolean => Value::from(dice.chance(50)),
        FieldType::Date => Value::Date(day(dice)),
        FieldType::DateTime => {
            let nanos = *dice.pick(&[0, 0, 0, 1, 500_000_000, 999_999_999]);
            let at = day(dice).and_hms_nano_opt(
                dice.below(24) as u32,
                *dice.pick(&[0, 15, 59]),
                *dice.pick(&[0, 30, 59]),
                nanos,
            );
            Value::DateTime(at.unwrap().and_utc())
        }
        FieldType::Time => {
            let at = NaiveTime::from_num_seconds_from_midnight_opt(
                dice.below(3) as u32 * 3_600,
                *dice.pick(&[0, 1, 1_000]),
            );
            Value::Time(at.unwrap())
        }
        FieldType::Id => Value::Id(id(dice)),
        FieldType::MultiPicklist => Value::MultiPicklist(MultiPicklist::from(*dice.pick(&LISTS))),
        FieldType::Json => Value::Json(Arc::new(match dice.below(3) {
            0 => serde_json::json!([1, "a"]),
            1 => serde_json::json!({"a": null}),
            _ => serde_json::json!([]),
        })),
        _ => {
            let other = *dice.pick(&TYPES[..10]);
            of(dice, other, big)
        }
    }
}
