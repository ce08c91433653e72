//! What Axiom answers.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde::Deserialize;

use crate::sink::queue::Failure;

/// No wait that Axiom asks for is longer.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// How much of a message is shown.
const SHOWN: usize = 200;

/// What becomes of the events that were sent.
#[derive(Debug)]
pub(super) enum Answer {
    /// They are stored, except so many.
    Stored(u64, Option<Failure>),
    /// They never will be.
    Refused(Failure),
    /// They may be when they are sent again.
    Later(Failure),
}

/// Axiom's account of what it stored; it may have more.
#[derive(Debug, Deserialize)]
struct Status {
    ingested: u64,
    #[serde(default)]
    failures: Vec<Problem>,
}

#[derive(Debug, Deserialize)]
struct Problem {
    #[serde(default)]
    error: String,
}

#[derive(Debug, Deserialize)]
struct Message {
    #[serde(alias = "error")]
    message: String,
}

/// Judges an answer to so many events. `secret` is never shown.
pub(super) fn judge(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    events: u64,
    secret: &str,
) -> Answer {
    if status.is_success() {
        return match serde_json::from_slice::<Status>(body) {
            Ok(status) => stored(&status, events, secret),
            Err(_) => Answer::Later(Failure::new("Axiom's answer is none of Axiom's")),
        };
    }
    let message = serde_json::from_slice::<Message>(body).map(|body| body.message);
    let message = shown(&message.unwrap_or_default(), secret);
    let text = format!("Axiom answers {status}{message}");
    if is_passing(status) {
        return Answer::Later(Failure::new(text).with_retry_after(wait(headers, Utc::now())));
    }
    Answer::Refused(Failure::refused(text))
}

fn stored(status: &Status, events: u64, secret: &str) -> Answer {
    let lost = events.saturating_sub(status.ingested);
    let failure = (lost > 0).then(|| {
        let reason = status.failures.first().map_or("", |problem| &problem.error);
        Failure::refused(format!("Axiom refuses events{}", shown(reason, secret)))
    });
    Answer::Stored(lost, failure)
}

/// Whether the same may be taken later.
fn is_passing(status: StatusCode) -> bool {
    status.is_server_error()
        || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
}

/// Returns the start of a message in one line, behind a colon.
fn shown(message: &str, secret: &str) -> String {
    if message.is_empty() {
        return String::new();
    }
    let message = message.replace(secret, "***");
    let clean = message.chars().map(|c| if c.is_control() { ' ' } else { c });
    format!(": {}", clean.take(SHOWN).collect::<String>())
}

/// Returns how long Axiom wants to be left alone: by `Retry-After`, in seconds or as a date, or
/// else by the time at which its count of requests starts anew.
fn wait(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let until = |time: DateTime<Utc>| (time - now).to_std().unwrap_or_default();
    let after = text(RETRY_AFTER.as_str()).and_then(|text| {
        let seconds = text.trim().parse().ok().map(Duration::from_secs);
        seconds.or_else(|| DateTime::parse_from_rfc2822(text).ok().map(|time| until(time.to_utc())))
    });
    let reset = || {
        let seconds = text("x-ratelimit-reset")?.trim().parse().ok()?;
        DateTime::from_timestamp(seconds, 0).map(until)
    };
    after.or_else(reset).map(|wait| wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait_of(name: &'static str, value: &'static str) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        let now = "1994-11-06T08:49:30Z".parse().unwrap();
        wait(&headers, now).map(|wait| wait.as_secs())
    }

    #[test]
    fn axiom_says_when_to_come_back_in_three_ways() {
        assert_eq!(wait_of("retry-after", "7"), Some(7));
        assert_eq!(wait_of("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"), Some(7));
        assert_eq!(wait_of("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT"), Some(0));
        assert_eq!(wait_of("retry-after", "999999999"), Some(300));
        assert_eq!(wait_of("retry-after", "soon"), None);
        assert_eq!(wait_of("x-ratelimit-reset", "784111775"), Some(5));
        assert_eq!(wait_of("x-ratelimit-reset", "-99999999999999999"), None);
        assert_eq!(wait_of("date", "7"), None);
    }

    #[test]
    fn a_message_is_shown_in_one_line_without_the_token() {
        let text = format!("no\n{} for xaat-1", "x".repeat(500));
        assert_eq!(shown(&text, "xaat-1").chars().count(), 202);
        assert_eq!(shown("bad token xaat-1\n", "xaat-1"), ": bad token *** ");
    }
}
