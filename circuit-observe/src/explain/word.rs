//! Numbers, times and foreign text in words.

use std::time::Duration;

/// Writes a time with the precision that matters.
pub(super) fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match time.as_nanos() {
        0 => "0".to_owned(),
        1..1_000_000 => format!("{} µs", time.as_nanos().div_ceil(1_000)),
        1_000_000..1_000_000_000 => format!("{:.1} ms", seconds * 1e3),
        1_000_000_000..120_000_000_000 => format!("{seconds:.2} s"),
        _ => format!("{} min {} s", time.as_secs() / 60, time.as_secs() % 60),
    }
}

/// Writes a number with a comma between thousands.
pub(super) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Writes a number of things, such as `1 row` or `200 rows`.
pub(super) fn count(count: u64, thing: &str) -> String {
    match count {
        1 => format!("1 {thing}"),
        _ => format!("{} {thing}s", number(count)),
    }
}

/// Writes bytes in the unit that fits.
pub(super) fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KiB", bytes / 1_024),
        _ => format!("{} MiB", bytes / 1_048_576),
    }
}

/// Returns the share in per cent.
pub(super) fn percent(part: Duration, whole: Duration) -> u32 {
    per_cent(part.as_nanos(), whole.as_nanos())
}

/// Returns the share in per cent.
pub(super) fn share(part: u64, whole: u64) -> u32 {
    per_cent(part.into(), whole.into())
}

fn per_cent(part: u128, whole: u128) -> u32 {
    let share = part.saturating_mul(100).checked_div(whole).unwrap_or_default();
    u32::try_from(share).unwrap_or(u32::MAX)
}

/// Makes foreign text safe to show: no control characters, nothing that turns the direction of the
/// line, and no more than `most` characters.
pub(super) fn clean(text: &str, most: usize) -> String {
    let mut shown = String::with_capacity(text.len().min(most));
    for (i, c) in text.chars().enumerate() {
        if i == most {
            shown.push('…');
            break;
        }
        match c {
            '\n' => shown.push('⏎'),
            '\t' => shown.push(' '),
            c if c.is_control() || turns(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
}

fn turns(c: char) -> bool {
    matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_the_precision_that_matters() {
        let told = [0, 1, 999_000, 1_500_000, 2_340_000_000, 125_000_000_000]
            .map(|nanos| time(Duration::from_nanos(nanos)));
        assert_eq!(told, ["0", "1 µs", "999 µs", "1.5 ms", "2.34 s", "2 min 5 s"]);
    }

    #[test]
    fn thousands_are_parted() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn foreign_text_cannot_steer_the_terminal() {
        assert_eq!(clean("a\u{1b}[2J\nb\u{202e}c", 99), "a\\u{1b}[2J⏎b\\u{202e}c");
        assert_eq!(clean("abcdef", 3), "abc…");
    }
}
