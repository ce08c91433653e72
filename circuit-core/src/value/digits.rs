//! Which numbers a floating-point number holds.

/// Returns whether a floating-point number would change one of the numbers in the JSON text.
pub(super) fn any_lost(json: &str) -> bool {
    let mut rest = json;
    while let Some(at) = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit()) {
        rest = &rest[at..];
        if let Some(text) = rest.strip_prefix('"') {
            rest = after_text(text);
            continue;
        }
        let inside = |c: char| matches!(c, '-' | '+' | '.' | 'e' | 'E' | '0'..='9');
        let (number, after) = rest.split_at(rest.find(|c| !inside(c)).unwrap_or(rest.len()));
        if !is_kept(number) {
            return true;
        }
        rest = after;
    }
    false
}

/// Returns what follows the closing quote.
fn after_text(text: &str) -> &str {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return &text[at + 1..],
            _ => {}
        }
    }
    ""
}

/// Returns whether the number is an integer of 64 bits, or one of the texts of its double: the
/// shortest, or the 17 digits that some programs print.
fn is_kept(number: &str) -> bool {
    if number.parse::<i64>().is_ok() || number.parse::<u64>().is_ok() {
        return true;
    }
    let Ok(double) = number.parse::<f64>() else {
        return false;
    };
    let sent = digits(number);
    sent == digits(&format!("{double:e}")) || sent == digits(&format!("{double:.16e}"))
}

/// Takes a number apart: sign, digits without zeros at either end, and the place of the point.
fn digits(number: &str) -> (bool, String, i64) {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let unsigned = whole.trim_start_matches('-');
    let all = format!("{unsigned}{fraction}");
    let significant = all.trim_start_matches('0');
    if significant.is_empty() {
        return (false, String::new(), 0);
    }
    let places = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX);
    let leading = places(&all) - places(significant);
    let point = exponent.parse().unwrap_or(i64::MAX).saturating_add(places(unsigned) - leading);
    (whole.len() > unsigned.len(), significant.trim_end_matches('0').to_owned(), point)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_a_double_holds_are_kept_however_they_are_written() {
        for number in [
            "0",
            "-0.0",
            "0e999",
            "1.10",
            "100.0",
            "1e2",
            "0.1",
            "-12.5E-3",
            "1e300",
            "5e-324",
            "123456789012345.67",
            "9007199254740993",
            "18446744073709551615",
            "37.774929999999998",
            "0.30000000000000004",
        ] {
            assert!(is_kept(number), "{number}");
        }
    }

    #[test]
    fn numbers_that_a_double_changes_are_lost() {
        for number in [
            "12345678901234567890.12345678",
            "18446744073709551617",
            "-9223372036854775809",
            "0.12345678901234567",
            "0.1000000000000000000001",
            "1e-400",
            "4e-324",
        ] {
            assert!(!is_kept(number), "{number}");
        }
    }

    #[test]
    fn digits_inside_text_are_no_numbers() {
        let text = r#"{"0.1234567890123456789":["\\\"0.1234567890123456789\\",-1.5,"é9"],"b":2}"#;
        assert!(!any_lost(text));
        let text = r#"["\\",0.1234567890123456789]"#;
        assert!(any_lost(text));
    }
}
