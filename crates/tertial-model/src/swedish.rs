//! Numbers as a Swedish reader expects them (Unicode CLDR `sv`): decimal comma, no-break space
//! for thousands, U+2212 for minus, per cent after a no-break space.

use crate::Decimal;

/// U+00A0, between groups of three digits and before a unit.
pub const NO_BREAK_SPACE: char = '\u{a0}';
/// U+2212, right before the first digit.
pub const MINUS: char = '\u{2212}';

/// `-1234567.891` with one decimal becomes `−1 234 567,9`. Rounds half away from zero.
pub fn decimal(value: Decimal, decimals: u8) -> String {
    let rounded = value.rescale(decimals).unwrap_or(value);
    group(&rounded.to_string())
}

/// The same for a float; rounds half away from zero on the shortest decimal form of the float,
/// so that `0.285` prints `0,29` although its binary form lies just below.
pub fn float(value: f64, decimals: u8) -> String {
    if !value.is_finite() {
        return "..".to_owned();
    }
    match from_float(value) {
        Some(exact) => decimal(exact, decimals),
        None => group(&format!("{value:.*}", usize::from(decimals))),
    }
}

/// The decimal a float is written as, cut to 15 decimals; `None` when it is not finite or too large.
pub fn from_float(value: f64) -> Option<Decimal> {
    if !value.is_finite() || value.abs() >= 1e18 {
        return None;
    }
    let text = format!("{value}");
    Decimal::parse(&text).or_else(|| Decimal::parse(&format!("{value:.15}")))
}

/// A value with its unit: `5,7 %`, `176 kWh/m²`; no unit, no space.
pub fn with_unit(number: &str, unit: &str) -> String {
    if unit.is_empty() { number.to_owned() } else { format!("{number}{NO_BREAK_SPACE}{unit}") }
}

fn group(machine: &str) -> String {
    let (negative, digits) = match machine.strip_prefix('-') {
        Some(rest) => (rest.bytes().any(|b| (b'1'..=b'9').contains(&b)), rest),
        None => (false, machine),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut text = String::with_capacity(machine.len() + whole.len() / 3 * 2 + 4);
    if negative {
        text.push(MINUS);
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(NO_BREAK_SPACE);
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push(',');
        text.push_str(fraction);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_swedish_forms() {
        let print = |text: &str, decimals| decimal(Decimal::parse(text).unwrap(), decimals);
        assert_eq!(print("-1234567.891", 1), "−1\u{a0}234\u{a0}567,9");
        assert_eq!(print("999", 0), "999");
        assert_eq!(print("1000", 0), "1\u{a0}000");
        assert_eq!(print("-0.04", 1), "0,0");
        assert_eq!(float(5.65, 1), "5,7");
        assert_eq!(float(0.285, 2), "0,29");
        assert_eq!(float(f64::NAN, 1), "..");
        assert_eq!(with_unit("5,7", "%"), "5,7\u{a0}%");
    }
}
