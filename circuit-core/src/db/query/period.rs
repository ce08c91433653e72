//! Ranges of days: what `LAST_N_DAYS:30` stands for.

use chrono::{DateTime, LocalResult, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// Some days in a row, and the moments at which they begin and end in a time zone.
///
/// # Examples
/// ```
/// use chrono::NaiveDate;
/// use circuit_core::Period;
///
/// let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
/// let period = Period::new(day(29), day(30), chrono_tz::Europe::Berlin);
/// assert_eq!(period.from_at.to_rfc3339(), "2026-03-28T23:00:00+00:00");
/// assert_eq!(period.to_at.to_rfc3339(), "2026-03-29T22:00:00+00:00");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: NaiveDate,
    /// The day after the last.
    pub to: NaiveDate,
    /// The first moment of the first day.
    pub from_at: DateTime<Utc>,
    /// The first moment of the day after the last.
    pub to_at: DateTime<Utc>,
}

impl Period {
    /// Creates a period from its first day and the day after its last.
    pub fn new(from: NaiveDate, to: NaiveDate, zone: Tz) -> Self {
        Self { from, to, from_at: midnight(from, zone), to_at: midnight(to, zone) }
    }
}

/// Returns the first moment of a day; some zones change their clocks at midnight.
fn midnight(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let mut local = day.and_time(NaiveTime::MIN);
    for _ in 0..96 {
        match zone.from_local_datetime(&local) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => return at.to_utc(),
            LocalResult::None => local += TimeDelta::minutes(15),
        }
    }
    day.and_time(NaiveTime::MIN).and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_without_midnight_begins_when_the_clocks_have_changed() {
        let day = NaiveDate::from_ymd_opt(2018, 11, 4).unwrap();
        let period = Period::new(day, day.succ_opt().unwrap(), chrono_tz::America::Sao_Paulo);
        assert_eq!(period.from_at.to_rfc3339(), "2018-11-04T03:00:00+00:00");
    }
}
