//! Literals as values.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use circuit_soql::ast::{Literal, LiteralKind, Number};
use rust_decimal::Decimal;

use super::{Lower, date};
use crate::db::Period;
use crate::error::Result;
use crate::value::Value;

/// What a literal stands for.
pub(super) enum Meaning {
    /// A value.
    Value(Value),
    /// Some days.
    Period(Period),
}

impl Lower<'_, '_> {
    pub(super) fn literal(&self, literal: &Literal) -> Result<Meaning> {
        let value = match &literal.kind {
            LiteralKind::Null => Some(Value::Null),
            LiteralKind::Boolean(value) => Some(Value::Boolean(*value)),
            LiteralKind::Text(text) => Some(Value::from(text.as_str())),
            LiteralKind::Number(number) | LiteralKind::Currency { amount: number, .. } => {
                self::number(number)
            }
            LiteralKind::Date(text) => text.parse::<NaiveDate>().ok().map(Value::Date),
            LiteralKind::DateTime(text) => moment(text).map(Value::DateTime),
            LiteralKind::Time(text) => {
                text.trim_end_matches(['Z', 'z']).parse::<NaiveTime>().ok().map(Value::Time)
            }
            LiteralKind::DateRange { word, n } => {
                return match date::period(*word, n.unwrap_or_default(), self.time) {
                    Some(period) => Ok(Meaning::Period(period)),
                    None => Err(self.invalid("the days are beyond the calendar")),
                };
            }
            _ => None,
        };
        let message = "a number has more digits than a decimal can hold, or a date no meaning";
        value.map(Meaning::Value).ok_or_else(|| self.invalid(message))
    }

    /// Returns a literal that is no range of days.
    pub(super) fn value(&self, literal: &Literal) -> Result<Value> {
        match self.literal(literal)? {
            Meaning::Value(value) => Ok(value),
            Meaning::Period(_) => Err(self.invalid("a range of days is not one value")),
        }
    }
}

fn number(Number(text): &Number) -> Option<Value> {
    let text = text.strip_prefix('+').unwrap_or(text);
    if let Ok(whole) = text.parse() {
        return Some(Value::Integer(whole));
    }
    let decimal = if text.contains(['e', 'E']) {
        Decimal::from_scientific(text).ok()
    } else {
        Decimal::from_str_exact(text).ok()
    };
    decimal.map(Value::Decimal)
}

fn moment(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .ok()
        .map(|at| at.to_utc())
}
