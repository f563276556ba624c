//! Civic numbers that look right and belong to nobody.
//!
//! The tax agency publishes test identities whose birth number lies in 980–999, set apart from
//! those of residents. A birth date and such a serial with the right third digit (even for women,
//! odd for men) and the right check digit pass every check a real number passes.

/// Birth numbers of one sex that are kept for tests: ten of 980–999.
const SERIALS: u32 = 10;
/// Days used of each year; 29 February is left alone.
const DAYS: u32 = 365;

/// The civic number (twelve digits) of the `index`th person of that birth year and sex. After 3 650
/// persons the numbers come again: one person may hold several employments.
pub(crate) fn number(birth_year: u16, is_woman: bool, index: u32) -> String {
    // 97 and 365 have no common factor, so the days come in scattered order and each only once.
    let day = (index % DAYS) * 97 % DAYS;
    let serial = 980 + (index / DAYS) % SERIALS * 2 + u32::from(!is_woman);
    let (month, day) = month_and_day(day);
    let mut digits = format!("{birth_year:04}{month:02}{day:02}{serial:03}");
    let check = check_digit(&digits[2..]);
    digits.push(char::from(b'0' + check));
    digits
}

fn month_and_day(day_of_year: u32) -> (u32, u32) {
    let mut left = day_of_year;
    for (month, days) in (1..).zip([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
        if left < days {
            return (month, left + 1);
        }
        left -= days;
    }
    (12, 31)
}

/// Luhn's check digit of the nine digits `YYMMDDNNN`.
fn check_digit(digits: &str) -> u8 {
    let sum: u32 = digits
        .bytes()
        .enumerate()
        .map(|(place, byte)| {
            let doubled = u32::from(byte - b'0') * if place % 2 == 0 { 2 } else { 1 };
            doubled / 10 + doubled % 10
        })
        .sum();
    ((10 - sum % 10) % 10) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_known_number_has_its_check_digit() {
        // The worked example of the tax agency's own description of the check digit.
        assert_eq!(check_digit("640823323"), 4);
        assert_eq!(check_digit("811218987"), 6);
    }

    #[test]
    fn numbers_are_kept_for_tests_and_come_once() {
        for is_woman in [true, false] {
            let numbers: BTreeSet<String> =
                (0..3650).map(|index| number(1975, is_woman, index)).collect();
            assert_eq!(numbers.len(), 3650);
            for text in &numbers {
                let serial: u32 = text[8..11].parse().unwrap();
                assert!(
                    (980..=999).contains(&serial) && serial.is_multiple_of(2) == is_woman,
                    "{text}"
                );
                assert_eq!(check_digit(&text[2..11]), text.as_bytes()[11] - b'0');
            }
        }
    }
}
