//! The words that name ranges of days.

use chrono::{Datelike, Days, Months, NaiveDate};
use circuit_soql::ast::DateLiteral as Word;

use super::QueryTime;
use crate::db::Period;

/// How long one step of a word is.
#[derive(Clone, Copy)]
enum Unit {
    Day,
    Week,
    Months(u32),
}

/// Returns the days that a word names, today being the day of the query in the user's time zone.
///
/// As in Salesforce: weeks start on Sunday; `LAST_N_DAYS` ends with today, `NEXT_N_DAYS` starts
/// tomorrow, all other `LAST_N` and `NEXT_N` leave out the current week, month, quarter or year. Fiscal
/// years are calendar years. `None` if the days are beyond the calendar.
pub(super) fn period(word: Word, n: u32, time: &QueryTime) -> Option<Period> {
    let today = time.today();
    let (unit, from, count) = steps(word, i64::from(n))?;
    let start = start_of(unit, today);
    let from = step(unit, start, from)?;
    let to = step(unit, from, count)?;
    Some(Period::new(from, to, time.zone))
}

/// Returns the unit, how many of them from the current one the range starts, and how many it has.
fn steps(word: Word, n: i64) -> Option<(Unit, i64, i64)> {
    const MONTH: Unit = Unit::Months(1);
    const QUARTER: Unit = Unit::Months(3);
    const YEAR: Unit = Unit::Months(12);
    Some(match word {
        Word::Yesterday => (Unit::Day, -1, 1),
        Word::Today => (Unit::Day, 0, 1),
        Word::Tomorrow => (Unit::Day, 1, 1),
        Word::Last90Days => (Unit::Day, -90, 91),
        Word::Next90Days => (Unit::Day, 1, 90),
        Word::LastNDays => (Unit::Day, -n, n + 1),
        Word::NextNDays => (Unit::Day, 1, n),
        Word::NDaysAgo => (Unit::Day, -n, 1),
        Word::LastWeek => (Unit::Week, -1, 1),
        Word::ThisWeek => (Unit::Week, 0, 1),
        Word::NextWeek => (Unit::Week, 1, 1),
        Word::LastNWeeks => (Unit::Week, -n, n),
        Word::NextNWeeks => (Unit::Week, 1, n),
        Word::NWeeksAgo => (Unit::Week, -n, 1),
        Word::LastMonth => (MONTH, -1, 1),
        Word::ThisMonth => (MONTH, 0, 1),
        Word::NextMonth => (MONTH, 1, 1),
        Word::LastNMonths => (MONTH, -n, n),
        Word::NextNMonths => (MONTH, 1, n),
        Word::NMonthsAgo => (MONTH, -n, 1),
        Word::LastQuarter | Word::LastFiscalQuarter => (QUARTER, -1, 1),
        Word::ThisQuarter | Word::ThisFiscalQuarter => (QUARTER, 0, 1),
        Word::NextQuarter | Word::NextFiscalQuarter => (QUARTER, 1, 1),
        Word::LastNQuarters | Word::LastNFiscalQuarters => (QUARTER, -n, n),
        Word::NextNQuarters | Word::NextNFiscalQuarters => (QUARTER, 1, n),
        Word::NQuartersAgo | Word::NFiscalQuartersAgo => (QUARTER, -n, 1),
        Word::LastYear | Word::LastFiscalYear => (YEAR, -1, 1),
        Word::NextYear | Word::NextFiscalYear => (YEAR, 1, 1),
        Word::LastNYears | Word::LastNFiscalYears => (YEAR, -n, n),
        Word::NextNYears | Word::NextNFiscalYears => (YEAR, 1, n),
        Word::NYearsAgo | Word::NFiscalYearsAgo => (YEAR, -n, 1),
        Word::ThisYear | Word::ThisFiscalYear => (YEAR, 0, 1),
        _ => return None,
    })
}

fn start_of(unit: Unit, day: NaiveDate) -> NaiveDate {
    match unit {
        Unit::Day => day,
        Unit::Week => day - Days::new(day.weekday().num_days_from_sunday().into()),
        Unit::Months(months) => {
            let first = day.month0() / months * months;
            day.with_day(1).and_then(|day| day.with_month0(first)).unwrap_or(day)
        }
    }
}

fn step(unit: Unit, day: NaiveDate, steps: i64) -> Option<NaiveDate> {
    let days = |n: u64| Days::new(n);
    let size = steps.unsigned_abs();
    match (unit, steps < 0) {
        (Unit::Day, false) => day.checked_add_days(days(size)),
        (Unit::Day, true) => day.checked_sub_days(days(size)),
        (Unit::Week, false) => day.checked_add_days(days(size * 7)),
        (Unit::Week, true) => day.checked_sub_days(days(size * 7)),
        (Unit::Months(months), back) => {
            let months = Months::new(u32::try_from(size).ok()?.checked_mul(months)?);
            if back { day.checked_sub_months(months) } else { day.checked_add_months(months) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sunday, 2 August 2026, half past midnight in Berlin; still Saturday in UTC.
    fn time() -> QueryTime {
        QueryTime {
            now: "2026-08-01T22:30:00Z".parse().unwrap(),
            zone: chrono_tz::Europe::Berlin,
            user: None,
        }
    }

    fn days(word: &str, n: u32) -> String {
        let period = period(Word::named(word).unwrap(), n, &time()).unwrap();
        format!("{}..{}", period.from, period.to)
    }

    #[test]
    fn today_is_the_users() {
        assert_eq!(days("TODAY", 0), "2026-08-02..2026-08-03");
        assert_eq!(days("THIS_WEEK", 0), "2026-08-02..2026-08-09");
    }

    #[test]
    fn last_days_end_with_today_and_next_days_start_tomorrow() {
        assert_eq!(days("LAST_N_DAYS", 1), "2026-08-01..2026-08-03");
        assert_eq!(days("NEXT_N_DAYS", 1), "2026-08-03..2026-08-04");
        assert_eq!(days("N_DAYS_AGO", 2), "2026-07-31..2026-08-01");
    }

    #[test]
    fn other_ranges_leave_out_the_current_one() {
        assert_eq!(days("LAST_N_WEEKS", 2), "2026-07-19..2026-08-02");
        assert_eq!(days("LAST_N_MONTHS", 1), "2026-07-01..2026-08-01");
        assert_eq!(days("NEXT_N_QUARTERS", 2), "2026-10-01..2027-04-01");
        assert_eq!(days("LAST_N_YEARS", 2), "2024-01-01..2026-01-01");
        assert_eq!(days("N_QUARTERS_AGO", 1), "2026-04-01..2026-07-01");
    }

    #[test]
    fn days_beyond_the_calendar_are_none() {
        assert!(period(Word::LastNYears, u32::MAX, &time()).is_none());
        assert!(period(Word::LastNDays, u32::MAX, &time()).is_none());
    }
}
