//! What SQLite lacks: functions and aggregates that mean what Circuit means.

use chrono_tz::Tz;
use circuit_core::eval::{self, ExactSum, LikePattern};
use circuit_core::{DatePart, DistanceUnit, FieldType, Place, RecordId, Value, compare_text};
use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rusqlite::types::{ToSqlOutput, Value as Sql, ValueRef};
use rusqlite::{Connection, Error, Result};
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

use super::encode::{from_column, to_column};
use crate::sql::TOO_LARGE;

const FLAGS: FunctionFlags = FunctionFlags::SQLITE_UTF8.union(FunctionFlags::SQLITE_DETERMINISTIC);

/// Adds the collations, functions and aggregates to a connection.
pub(super) fn add(connection: &Connection) -> Result<()> {
    connection.create_collation("circuit_text", compare_text)?;
    connection.create_collation("circuit_decimal", |a, b| {
        let number = |text: &str| text.parse::<Decimal>().unwrap_or_default();
        if a == b { std::cmp::Ordering::Equal } else { number(a).cmp(&number(b)) }
    })?;
    connection.create_collation("circuit_id", |a, b| {
        // Only texts of 18 characters can be another form of others.
        if a.len() != 18 && b.len() != 18 {
            return a.cmp(b);
        }
        match (a.parse::<RecordId>(), b.parse::<RecordId>()) {
            (Ok(a), Ok(b)) => a.cmp(&b),
            _ => a.cmp(b),
        }
    })?;
    connection.create_scalar_function("circuit_like", 2, FLAGS, like)?;
    connection.create_scalar_function("circuit_key", 1, FLAGS, |context| Ok(key(context)))?;
    connection.create_scalar_function("circuit_number", 1, FLAGS, |context| {
        let number = text(context, 0).and_then(|text| text.parse::<Decimal>().ok());
        Ok(number.map(|number| number.normalize().to_string()))
    })?;
    connection.create_scalar_function("circuit_date_part", 3, FLAGS, date_part)?;
    connection
        .create_scalar_function("circuit_distance", 5, FLAGS, |context| Ok(distance(context)))?;
    connection.create_scalar_function("circuit_format", 2, FLAGS, |context| {
        let kind = text(context, 0).and_then(kind_of).unwrap_or(FieldType::Text);
        let value = from_column(kind, context.get_raw(1));
        let formatted = value.as_ref().and_then(eval::formatted);
        Ok(formatted.and_then(|text| text.as_str().map(str::to_owned)))
    })?;
    connection.create_aggregate_function("circuit_sum", 1, FLAGS, Sum { average: false })?;
    connection.create_aggregate_function("circuit_avg", 1, FLAGS, Sum { average: true })?;
    let least = Extreme(std::cmp::Ordering::Less);
    connection.create_aggregate_function("circuit_min_text", 1, FLAGS, least)?;
    let most = Extreme(std::cmp::Ordering::Greater);
    connection.create_aggregate_function("circuit_max_text", 1, FLAGS, most)
}

fn text<'a>(context: &'a Context<'_>, at: usize) -> Option<&'a str> {
    context.get_raw(at).as_str_or_null().ok().flatten()
}

/// Only a text of 18 characters can have a key that is another text.
fn key(context: &Context<'_>) -> ToSqlOutput<'static> {
    match text(context, 0) {
        Some(text) if text.len() == 18 => {
            let id = text.parse::<RecordId>().ok();
            ToSqlOutput::Owned(id.map_or(Sql::Null, |id| Sql::Text(id.key().to_owned())))
        }
        _ => ToSqlOutput::Arg(0),
    }
}

fn like(context: &Context<'_>) -> Result<bool> {
    let pattern = context.get_or_create_aux(
        1,
        |value| -> Result<LikePattern, rusqlite::types::FromSqlError> {
            Ok(LikePattern::new(value.as_str()?))
        },
    )?;
    Ok(text(context, 0).is_some_and(|text| pattern.matches(text)))
}

/// The parts of dates by the names that statements have for them.
const PARTS: [(DatePart, &str); 10] = [
    (DatePart::Month, "month"),
    (DatePart::Quarter, "quarter"),
    (DatePart::Year, "year"),
    (DatePart::DayInMonth, "day_in_month"),
    (DatePart::DayInWeek, "day_in_week"),
    (DatePart::DayInYear, "day_in_year"),
    (DatePart::DayOnly, "day_only"),
    (DatePart::HourInDay, "hour_in_day"),
    (DatePart::WeekInMonth, "week_in_month"),
    (DatePart::WeekInYear, "week_in_year"),
];

/// Returns the name of a part in statements.
pub(super) fn name_of(part: DatePart) -> Option<&'static str> {
    PARTS.iter().find(|(known, _)| *known == part).map(|(_, name)| *name)
}

fn date_part(context: &Context<'_>) -> Result<Option<Sql>> {
    let wanted = text(context, 0);
    let part = PARTS.iter().find(|(_, name)| Some(*name) == wanted).map(|(part, _)| *part);
    let zone = context.get_or_create_aux(2, |value| {
        let name = value.as_str().map_err(|error| Error::UserFunctionError(error.into()))?;
        name.parse::<Tz>().map_err(|error| Error::UserFunctionError(error.into()))
    })?;
    let column = context.get_raw(1);
    let value =
        from_column(FieldType::DateTime, column).or_else(|| from_column(FieldType::Date, column));
    let Some((part, value)) = part.zip(value) else { return Ok(None) };
    Ok(match eval::date_part(part, &value, *zone) {
        Some(Value::Integer(number)) => Some(Sql::Integer(number)),
        Some(day) => to_column(FieldType::Date, &day),
        None => None,
    })
}

fn degrees(value: ValueRef<'_>) -> Option<f64> {
    match value {
        ValueRef::Real(number) => Some(number),
        ValueRef::Integer(number) => number.to_f64(),
        ValueRef::Text(_) => value.as_str().ok()?.parse::<Decimal>().ok()?.to_f64(),
        _ => None,
    }
}

fn distance(context: &Context<'_>) -> Option<String> {
    let place = |at: usize| {
        let latitude = degrees(context.get_raw(at))?;
        Some(Place { latitude, longitude: degrees(context.get_raw(at + 1))? })
    };
    let unit =
        if text(context, 4) == Some("mi") { DistanceUnit::Miles } else { DistanceUnit::Kilometers };
    Decimal::from_f64(eval::distance(place(0)?, place(2)?, unit)).map(|number| number.to_string())
}

fn kind_of(name: &str) -> Option<FieldType> {
    use FieldType as F;

    [F::Boolean, F::Integer, F::Decimal, F::Date, F::DateTime, F::Time, F::MultiPicklist]
        .into_iter()
        .find(|kind| kind.name() == name)
}

/// Sums and averages.
struct Sum {
    average: bool,
}

fn too_large() -> Error {
    Error::UserFunctionError(TOO_LARGE.into())
}

impl Aggregate<ExactSum, Option<Sql>> for Sum {
    fn init(&self, _: &mut Context<'_>) -> Result<ExactSum> {
        Ok(ExactSum::default())
    }

    fn step(&self, context: &mut Context<'_>, sum: &mut ExactSum) -> Result<()> {
        match context.get_raw(0) {
            ValueRef::Integer(number) => sum.add(&Value::Integer(number)),
            ValueRef::Text(text) => {
                let number = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
                sum.add(&Value::Decimal(number.ok_or_else(too_large)?));
            }
            _ => {}
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, sum: Option<ExactSum>) -> Result<Option<Sql>> {
        let sum = sum.unwrap_or_default();
        let value = if self.average { Some(sum.average()) } else { sum.total() };
        Ok(match value.ok_or_else(too_large)? {
            Value::Integer(number) => Some(Sql::Integer(number)),
            Value::Decimal(number) => Some(Sql::Text(number.to_string())),
            _ => None,
        })
    }
}

/// The smallest or largest text; of those that count as one, the first in the order of their bytes.
struct Extreme(std::cmp::Ordering);

impl Aggregate<Option<String>, Option<String>> for Extreme {
    fn init(&self, _: &mut Context<'_>) -> Result<Option<String>> {
        Ok(None)
    }

    fn step(&self, context: &mut Context<'_>, best: &mut Option<String>) -> Result<()> {
        let Some(text) = text(context, 0) else { return Ok(()) };
        let is_better = best.as_deref().is_none_or(|best| {
            let order = compare_text(text, best);
            order == self.0 || order.is_eq() && text < best
        });
        if is_better {
            *best = Some(text.to_owned());
        }
        Ok(())
    }

    fn finalize(
        &self,
        _: &mut Context<'_>,
        best: Option<Option<String>>,
    ) -> Result<Option<String>> {
        Ok(best.flatten())
    }
}
