//! Exact decimal numbers for money, hours and counts: an integer and a scale, no floats.
//!
//! Rounding is half away from zero, the way accounts and the printed reports round.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Neg;

/// `units × 10^-scale`. Equality and order compare the value, not the form (`1.0 == 1.00`).
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    units: i128,
    scale: u8,
}

/// The largest scale that is kept; enough for every contract (DuckDB's and Arrow's limit is 38).
pub const MAX_SCALE: u8 = 18;

impl Decimal {
    /// Zero with no decimals.
    pub const ZERO: Decimal = Decimal { units: 0, scale: 0 };

    /// `units × 10^-scale`; `scale` must be at most [`MAX_SCALE`].
    pub fn new(units: i128, scale: u8) -> Decimal {
        assert!(scale <= MAX_SCALE, "scale {scale} is above {MAX_SCALE}");
        Decimal { units, scale }
    }

    /// A whole number.
    pub fn whole(units: i128) -> Decimal {
        Decimal { units, scale: 0 }
    }

    /// The integer in front of the scale.
    pub fn units(self) -> i128 {
        self.units
    }

    /// How many decimals the form has.
    pub fn scale(self) -> u8 {
        self.scale
    }

    /// Reads plain machine form: optional `-`, digits, optional point and digits.
    /// Swedish forms are the readers' and the check's business.
    pub fn parse(text: &str) -> Option<Decimal> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        if digits.contains('.') && fraction.is_empty() || fraction.len() > usize::from(MAX_SCALE) {
            return None;
        }
        let mut units: i128 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            units = units.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
        }
        Some(Decimal { units: if negative { -units } else { units }, scale: fraction.len() as u8 })
    }

    /// The same value with `scale` decimals, rounded half away from zero; `None` on overflow.
    pub fn rescale(self, scale: u8) -> Option<Decimal> {
        if scale >= self.scale {
            let units = self.units.checked_mul(power_of_ten(scale - self.scale)?)?;
            return Some(Decimal { units, scale });
        }
        let divisor = power_of_ten(self.scale - scale)?;
        let (quotient, rest) = (self.units / divisor, self.units % divisor);
        let up = rest.unsigned_abs() >= divisor.unsigned_abs().div_ceil(2);
        let units = if up { quotient + self.units.signum() } else { quotient };
        Some(Decimal { units, scale })
    }

    /// The same value without zeros at the end of its decimals.
    pub fn normalized(self) -> Decimal {
        let mut value = self;
        while value.scale > 0 && value.units % 10 == 0 {
            value = Decimal { units: value.units / 10, scale: value.scale - 1 };
        }
        value
    }

    /// Sum; `None` on overflow.
    pub fn checked_add(self, other: Decimal) -> Option<Decimal> {
        let scale = self.scale.max(other.scale);
        let units = self.rescale(scale)?.units.checked_add(other.rescale(scale)?.units)?;
        Some(Decimal { units, scale })
    }

    /// Difference; `None` on overflow.
    pub fn checked_sub(self, other: Decimal) -> Option<Decimal> {
        self.checked_add(-other)
    }

    /// Nearest float: only for ratios, charts and JSON consumers, never for sums of money.
    pub fn to_f64(self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// Whether the value is exactly zero.
    pub fn is_zero(self) -> bool {
        self.units == 0
    }
}

fn power_of_ten(exponent: u8) -> Option<i128> {
    10i128.checked_pow(u32::from(exponent))
}

impl Neg for Decimal {
    type Output = Decimal;
    fn neg(self) -> Decimal {
        Decimal { units: -self.units, scale: self.scale }
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        match (self.rescale(scale), other.rescale(scale)) {
            (Some(a), Some(b)) => a.units.cmp(&b.units),
            // Only a value above 10^20 overflows here; floats decide such giants well enough.
            _ => self.to_f64().total_cmp(&other.to_f64()),
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.units < 0 { "-" } else { "" };
        let digits = self.units.unsigned_abs().to_string();
        let scale = usize::from(self.scale);
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

impl serde::Serialize for Decimal {
    /// As text in machine form, so that no reader turns it into a float unasked.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Decimal {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Decimal::parse(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not a decimal number")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rounds_half_away_from_zero() {
        let round =
            |text: &str, scale| Decimal::parse(text).unwrap().rescale(scale).unwrap().to_string();
        assert_eq!(round("2.5", 0), "3");
        assert_eq!(round("-2.5", 0), "-3");
        assert_eq!(round("2.4999", 0), "2");
        assert_eq!(round("9.17", 1), "9.2");
        assert_eq!(round("-0.04", 1), "0.0");
    }

    #[test]
    fn zeros_at_the_end_go() {
        let plain = |text: &str| Decimal::parse(text).unwrap().normalized().to_string();
        assert_eq!([plain("957.000000"), plain("-1.50"), plain("0.00")], ["957", "-1.5", "0"]);
    }

    #[test]
    fn refuses_what_is_not_a_number() {
        for text in ["", "-", ".5", "5.", "1e3", "1,5", "+1", "--1", "1.2.3", "½"] {
            assert!(Decimal::parse(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_round_trips(units in any::<i64>(), scale in 0u8..=9) {
            let value = Decimal::new(i128::from(units), scale);
            prop_assert_eq!(Decimal::parse(&value.to_string()).unwrap(), value);
        }

        #[test]
        fn addition_undoes_subtraction(a in any::<i64>(), b in any::<i64>(), s in 0u8..=6, t in 0u8..=6) {
            let (a, b) = (Decimal::new(a.into(), s), Decimal::new(b.into(), t));
            prop_assert_eq!(a.checked_add(b).unwrap().checked_sub(b).unwrap(), a);
        }

        #[test]
        fn arbitrary_text_never_panics(text in ".*") {
            let _ = Decimal::parse(&text);
        }
    }
}
