//! Sums that lose no digit on the way.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::value::Value;

/// The number of digits behind the point that the fraction is kept with: as many as a decimal has.
const PLACES: u32 = 28;
const ONE: i128 = 10_i128.pow(PLACES);

/// A sum of integers and decimals that loses no digit, in whatever order they are added.
///
/// Only the end can be too large for a decimal, not what comes before.
///
/// # Examples
/// ```
/// use circuit_core::Value;
/// use circuit_core::eval::ExactSum;
/// use rust_decimal::Decimal;
///
/// let mut sum = ExactSum::default();
/// let huge: Decimal = "100000000000000000000".parse().unwrap();
/// for amount in [huge, "0.0000000001".parse().unwrap(), -huge] {
///     sum.add(&Value::Decimal(amount));
/// }
/// assert_eq!(sum.total().unwrap(), Value::Decimal(Decimal::new(1, 10)));
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct ExactSum {
    whole: i128,
    /// In units of the last place.
    fraction: i128,
    decimals: bool,
    values: u64,
}

impl ExactSum {
    /// Adds a number; anything else is not counted.
    pub fn add(&mut self, value: &Value) {
        match value {
            Value::Integer(number) => self.whole += i128::from(*number),
            Value::Decimal(number) => {
                let fraction = number.fract();
                self.decimals = true;
                self.whole += number.trunc().mantissa();
                self.fraction += fraction.mantissa() * 10_i128.pow(PLACES - fraction.scale());
                self.whole += self.fraction / ONE;
                self.fraction %= ONE;
            }
            _ => return,
        }
        self.values += 1;
    }

    /// Returns the sum: an integer if only integers were added and 64 bits hold it, null if nothing
    /// was; `None` if no decimal can hold it.
    pub fn total(&self) -> Option<Value> {
        if self.values == 0 {
            return Some(Value::Null);
        }
        let sum = self.decimal()?;
        match sum.to_i64().filter(|_| !self.decimals) {
            Some(whole) => Some(Value::Integer(whole)),
            None => Some(Value::Decimal(sum)),
        }
    }

    /// Returns the sum over the number of values, rounded to ten places, halves away from zero; null
    /// if there are none. An average fits where its sum does not; one with more digits than a decimal
    /// holds loses the last of them.
    pub fn average(&self) -> Value {
        if self.values == 0 { Value::Null } else { Value::Decimal(self.quotient().normalize()) }
    }

    fn quotient(&self) -> Decimal {
        let (whole, fraction) = self.parts();
        let sign = if whole < 0 || fraction < 0 { "-" } else { "" };
        let (whole, fraction, n) =
            (whole.unsigned_abs(), fraction.unsigned_abs(), u128::from(self.values));
        // As by hand: the digits before the point, ten behind it, and what decides the rounding.
        let (ten, rest) = (10_u128.pow(10), 10_u128.pow(PLACES - 10));
        let behind = whole % n * ten + fraction / rest;
        let left = behind % n * rest + fraction % rest;
        let digits = behind / n + u128::from(left * 2 >= n * rest);
        let text = format!("{sign}{}.{:010}", whole / n + digits / ten, digits % ten);
        text.parse().expect("an average is no larger than its values")
    }

    /// Returns what stands before and behind the point, both of one sign.
    fn parts(&self) -> (i128, i128) {
        if self.whole > 0 && self.fraction < 0 {
            (self.whole - 1, self.fraction + ONE)
        } else if self.whole < 0 && self.fraction > 0 {
            (self.whole + 1, self.fraction - ONE)
        } else {
            (self.whole, self.fraction)
        }
    }

    /// Returns the sum without zeros at its end.
    fn decimal(&self) -> Option<Decimal> {
        let ((whole, mut fraction), mut places) = (self.parts(), PLACES);
        while places > 0 && fraction % 10 == 0 {
            (fraction, places) = (fraction / 10, places - 1);
        }
        let mantissa = whole.checked_mul(10_i128.pow(places))?.checked_add(fraction)?;
        Decimal::try_from_i128_with_scale(mantissa, places).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(numbers: &[&str]) -> Option<Value> {
        let mut sum = ExactSum::default();
        for number in numbers {
            sum.add(&Value::Decimal(number.parse().unwrap()));
        }
        sum.total()
    }

    #[test]
    fn signs_and_zeros_at_the_end_do_not_matter() {
        let is = |text: &str| Some(Value::Decimal(text.parse().unwrap()));
        assert_eq!(sum(&["1.10", "-0.35", "-3"]), is("-2.25"));
        assert_eq!(sum(&["-0.5", "1"]), is("0.5"));
        assert_eq!(
            sum(&["79228162514264337593543950335", "-79228162514264337593543950334"]),
            is("1")
        );
        assert_eq!(sum(&["79228162514264337593543950335", "1"]), None);
        assert_eq!(sum(&["100000000000000000000", "0.0000000001"]), None);
    }

    #[test]
    fn averages_round_halves_away_from_zero() {
        let mut sum = ExactSum::default();
        for n in [1, 1, -4] {
            sum.add(&Value::Integer(n));
        }
        assert_eq!(sum.average(), Value::Decimal("-0.6666666667".parse().unwrap()));
        assert_eq!(ExactSum::default().average(), Value::Null);
    }

    fn average(numbers: &[&str]) -> String {
        let mut sum = ExactSum::default();
        for number in numbers {
            sum.add(&Value::Decimal(number.parse().unwrap()));
        }
        match sum.average() {
            Value::Decimal(average) => average.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_average_is_there_where_the_sum_is_too_large() {
        let most = "79228162514264337593543950335";
        assert_eq!(average(&[most, most, most]), most);
        assert_eq!(average(&[most, "0.5", "0"]), "26409387504754779197847983445");
        assert_eq!(average(&[&format!("-{most}"), "-1"]), "-39614081257132168796771975168");
        assert_eq!(average(&["0.00000000005"]), "0.0000000001");
        assert_eq!(average(&["0.0000000000499999999999999999"]), "0");
        assert_eq!(average(&["0.9999999999500000000000000000", "1"]), "1");
    }
}
