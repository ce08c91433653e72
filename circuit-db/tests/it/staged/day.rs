//! What SOQL's words for days mean, found by looking at one day after the other.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use circuit_core::Period;

/// Numbers the units of time, so that days of one unit have one number.
type Number = fn(NaiveDate) -> i32;

/// 4 January 1970 was a Sunday.
fn week(day: NaiveDate) -> i32 {
    (day.num_days_from_ce() - NaiveDate::from_ymd_opt(1970, 1, 4).unwrap().num_days_from_ce())
        .div_euclid(7)
}

fn month(day: NaiveDate) -> i32 {
    day.year() * 12 + day.month0().cast_signed()
}

fn quarter(day: NaiveDate) -> i32 {
    month(day) / 3
}

/// The words, and of which units before and after the current one they are.
fn table(n: i32) -> Vec<(String, Number, [i32; 2])> {
    let day: Number = |day| day.num_days_from_ce();
    let mut words = vec![
        ("YESTERDAY".to_owned(), day, [-1, -1]),
        ("TODAY".to_owned(), day, [0, 0]),
        ("TOMORROW".to_owned(), day, [1, 1]),
        ("LAST_90_DAYS".to_owned(), day, [-90, 0]),
        ("NEXT_90_DAYS".to_owned(), day, [1, 90]),
        (format!("LAST_N_DAYS:{n}"), day, [-n, 0]),
        (format!("NEXT_N_DAYS:{n}"), day, [1, n]),
        (format!("N_DAYS_AGO:{n}"), day, [-n, -n]),
    ];
    let units: [(&str, Number); 6] = [
        ("WEEK", week),
        ("MONTH", month),
        ("QUARTER", quarter),
        ("YEAR", |day| day.year()),
        ("FISCAL_QUARTER", quarter),
        ("FISCAL_YEAR", |day| day.year()),
    ];
    for (unit, number) in units {
        words.push((format!("LAST_{unit}"), number, [-1, -1]));
        words.push((format!("THIS_{unit}"), number, [0, 0]));
        words.push((format!("NEXT_{unit}"), number, [1, 1]));
        words.push((format!("LAST_N_{unit}S:{n}"), number, [-n, -1]));
        words.push((format!("NEXT_N_{unit}S:{n}"), number, [1, n]));
        words.push((format!("N_{unit}S_AGO:{n}"), number, [-n, -n]));
    }
    words
}

/// Returns some words with their days, as they are at a moment in a time zone.
pub(super) fn words(now: DateTime<Utc>, zone: Tz, n: i32) -> Vec<(String, Period)> {
    let today = now.with_timezone(&zone).date_naive();
    let days = || (-1_500..1_500).map(|n| today + TimeDelta::days(n));
    let known = table(n).into_iter().map(|(word, number, [from, to])| {
        let units = number(today) + from..=number(today) + to;
        let mut found = days().filter(|day| units.contains(&number(*day)));
        let first = found.next().unwrap();
        let last = found.next_back().unwrap_or(first);
        (word, Period::new(first, last + TimeDelta::days(1), zone))
    });
    known.collect()
}
