//! Parts of dates.

use chrono::{Datelike, Timelike};
use chrono_tz::Tz;

use super::super::query::DatePart;
use super::read::local;
use crate::value::Value;

/// Returns a part of a date or date-time; `None` for anything else.
///
/// # Examples
/// ```
/// use circuit_core::eval::date_part;
/// use circuit_core::{DatePart, FieldType, Value};
///
/// let sunday = FieldType::Date.coerce(&Value::from("2026-11-22")).unwrap();
/// let part = |part| date_part(part, &sunday, chrono_tz::UTC);
/// assert_eq!(part(DatePart::DayInWeek), Some(Value::from(1)));
/// assert_eq!(part(DatePart::Quarter), Some(Value::from(4)));
/// assert_eq!(part(DatePart::HourInDay), None);
/// ```
pub fn date_part(part: DatePart, value: &Value, zone: Tz) -> Option<Value> {
    let (day, hour) = match value {
        Value::Date(day) => (*day, None),
        Value::DateTime(at) => {
            let local = local(*at, zone);
            (local.date(), Some(local.hour()))
        }
        _ => return None,
    };
    let number = match part {
        DatePart::DayOnly => return Some(Value::Date(day)),
        DatePart::Year => return Some(Value::Integer(day.year().into())),
        DatePart::Month => day.month(),
        DatePart::Quarter => day.month0() / 3 + 1,
        DatePart::DayInMonth => day.day(),
        DatePart::DayInWeek => day.weekday().num_days_from_sunday() + 1,
        DatePart::DayInYear => day.ordinal(),
        DatePart::HourInDay => hour?,
        DatePart::WeekInMonth => day.day0() / 7 + 1,
        DatePart::WeekInYear => day.ordinal0() / 7 + 1,
    };
    Some(Value::Integer(number.into()))
}
