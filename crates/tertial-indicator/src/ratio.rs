//! Exact fractions, so that 7 of 100 is 7 % and not 7.000000000000001 %.
//!
//! Outcome, target and threshold are compared as fractions; a float appears only where a number
//! leaves for a chart or a database column. Comparison never overflows: it walks the two continued
//! fractions. Arithmetic is checked.

use std::cmp::Ordering;
use tertial_model::{Decimal, swedish};

/// `numerator / denominator`, reduced, denominator positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ratio {
    numerator: i128,
    denominator: i128,
}

/// Decimals printed before an unending fraction is cut with `…`.
const PRINTED_DECIMALS: u8 = 10;

impl Ratio {
    /// Nothing.
    pub const ZERO: Ratio = Ratio { numerator: 0, denominator: 1 };
    /// One.
    pub const ONE: Ratio = Ratio { numerator: 1, denominator: 1 };

    /// A fraction; none when the denominator is zero or a sign cannot be turned.
    pub fn new(numerator: i128, denominator: i128) -> Option<Ratio> {
        if denominator == 0 || numerator == i128::MIN || denominator == i128::MIN {
            return None;
        }
        let divisor = gcd(numerator.unsigned_abs(), denominator.unsigned_abs()) as i128;
        let sign = denominator.signum();
        Some(Ratio {
            numerator: sign * numerator / divisor,
            denominator: sign * denominator / divisor,
        })
    }

    fn new_whole(numerator: i128) -> Option<Ratio> {
        (numerator != i128::MIN).then_some(Ratio { numerator, denominator: 1 })
    }

    /// A whole number.
    pub fn whole(number: i64) -> Ratio {
        Ratio { numerator: i128::from(number), denominator: 1 }
    }

    /// An indicator's value, `numerator / denominator × factor`; without denominator the numerator
    /// alone. None when the denominator is zero or the numbers are too large to hold exactly.
    pub fn of(numerator: Decimal, denominator: Option<Decimal>, factor: Decimal) -> Option<Ratio> {
        let value = Ratio::from_decimal(numerator)?;
        match denominator {
            None => Some(value),
            Some(denominator) => value
                .checked_div(Ratio::from_decimal(denominator)?)?
                .checked_mul(Ratio::from_decimal(factor)?),
        }
    }

    /// The same value as a decimal.
    pub fn from_decimal(value: Decimal) -> Option<Ratio> {
        Ratio::new(value.units(), 10i128.checked_pow(u32::from(value.scale()))?)
    }

    /// The shortest decimal that reads back as the float; none when it is not finite or too large.
    pub fn from_f64(value: f64) -> Option<Ratio> {
        Ratio::from_decimal(swedish::from_float(value)?)
    }

    /// Sum.
    pub fn checked_add(self, other: Ratio) -> Option<Ratio> {
        if self.denominator == 1 && other.denominator == 1 {
            return Ratio::new_whole(self.numerator.checked_add(other.numerator)?);
        }
        let left = self.numerator.checked_mul(other.denominator)?;
        let right = other.numerator.checked_mul(self.denominator)?;
        Ratio::new(left.checked_add(right)?, self.denominator.checked_mul(other.denominator)?)
    }

    /// Difference.
    pub fn checked_sub(self, other: Ratio) -> Option<Ratio> {
        self.checked_add(other.negated())
    }

    /// Product.
    pub fn checked_mul(self, other: Ratio) -> Option<Ratio> {
        if self.denominator == 1 && other.denominator == 1 {
            return Ratio::new_whole(self.numerator.checked_mul(other.numerator)?);
        }
        // Reduced crosswise first, so that large but harmless factors do not overflow.
        let left = Ratio::new(self.numerator, other.denominator)?;
        let right = Ratio::new(other.numerator, self.denominator)?;
        Ratio::new(
            left.numerator.checked_mul(right.numerator)?,
            left.denominator.checked_mul(right.denominator)?,
        )
    }

    /// Quotient; none when the divisor is zero.
    pub fn checked_div(self, other: Ratio) -> Option<Ratio> {
        self.checked_mul(Ratio::new(other.denominator, other.numerator)?)
    }

    /// With the other sign.
    pub fn negated(self) -> Ratio {
        Ratio { numerator: -self.numerator, denominator: self.denominator }
    }

    /// Without sign.
    pub fn abs(self) -> Ratio {
        Ratio { numerator: self.numerator.abs(), denominator: self.denominator }
    }

    /// −1, 0 or 1.
    pub fn signum(self) -> i8 {
        self.numerator.signum() as i8
    }

    /// Whether it is exactly zero.
    pub fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// Nearest float, for columns and charts.
    pub fn to_f64(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    /// The number as a Swedish reader expects it, with every decimal it has; an unending one is
    /// cut after ten decimals and marked `…`.
    pub fn text(self) -> String {
        let scale = 10i128.pow(u32::from(PRINTED_DECIMALS));
        let Some(scaled) = self.numerator.checked_mul(scale) else {
            return swedish::float(self.to_f64(), 0);
        };
        let (mut units, rest) = (scaled / self.denominator, scaled % self.denominator);
        let mut decimals = PRINTED_DECIMALS;
        if rest != 0 {
            return format!("{}…", swedish::decimal(Decimal::new(units, decimals), decimals));
        }
        while decimals > 0 && units % 10 == 0 {
            units /= 10;
            decimals -= 1;
        }
        swedish::decimal(Decimal::new(units, decimals), decimals)
    }
}

impl Default for Ratio {
    fn default() -> Ratio {
        Ratio::ZERO
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Ratio) -> Ordering {
        let (mut left, mut right) = (*self, *other);
        let mut turned = false;
        loop {
            let wholes = (
                left.numerator.div_euclid(left.denominator),
                right.numerator.div_euclid(right.denominator),
            );
            let rests = (
                left.numerator.rem_euclid(left.denominator),
                right.numerator.rem_euclid(right.denominator),
            );
            let order = match wholes.0.cmp(&wholes.1) {
                Ordering::Equal if rests.0 == 0 || rests.1 == 0 => rests.0.cmp(&rests.1),
                Ordering::Equal => {
                    // Equal wholes: the larger rest has the smaller inverse.
                    left = Ratio { numerator: left.denominator, denominator: rests.0 };
                    right = Ratio { numerator: right.denominator, denominator: rests.1 };
                    turned = !turned;
                    continue;
                }
                order => order,
            };
            return if turned { order.reverse() } else { order };
        }
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Ratio) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn a_share_is_exact_where_floats_are_not() {
        let value = Ratio::of(decimal("7"), Some(decimal("100")), decimal("100")).unwrap();
        assert_eq!(value, Ratio::whole(7));
        assert_ne!(7.0_f64 / 100.0 * 100.0, 7.0);
        assert_eq!(Ratio::of(decimal("7"), Some(decimal("0")), decimal("100")), None);
        assert_eq!(Ratio::of(decimal("4.6"), None, decimal("100")).unwrap().text(), "4,6");
    }

    #[test]
    fn texts_show_every_decimal_or_say_that_they_do_not() {
        let text = |n, d| Ratio::new(n, d).unwrap().text();
        assert_eq!(text(95700, 6805), "14,0631888317…");
        assert_eq!(text(-21, 1), "−21");
        assert_eq!(text(1_234_567, 100), "12\u{a0}345,67");
        assert_eq!(text(9, 10), "0,9");
    }

    proptest! {
        #[test]
        fn order_is_that_of_cross_products(a in any::<i32>(), b in 1..i32::MAX, c in any::<i32>(), d in 1..i32::MAX) {
            let (left, right) = (Ratio::new(a.into(), b.into()).unwrap(), Ratio::new(c.into(), d.into()).unwrap());
            let (ad, cb) = (i128::from(a) * i128::from(d), i128::from(c) * i128::from(b));
            prop_assert_eq!(left.cmp(&right), ad.cmp(&cb));
        }

        #[test]
        fn division_undoes_multiplication(a in any::<i32>(), b in 1..i32::MAX, c in 1..i32::MAX) {
            let (left, right) = (Ratio::new(a.into(), b.into()).unwrap(), Ratio::whole(c.into()));
            prop_assert_eq!(left.checked_mul(right).unwrap().checked_div(right).unwrap(), left);
        }

        #[test]
        fn any_float_is_taken_or_refused(value in any::<f64>()) {
            if let Some(ratio) = Ratio::from_f64(value) {
                prop_assert!((ratio.to_f64() - value).abs() <= 1e-14 + value.abs() * 1e-15);
                let _ = ratio.text();
            }
        }
    }
}
