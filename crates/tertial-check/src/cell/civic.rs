//! Swedish civic and coordination numbers: form, date, check digit, century.
//!
//! A number is only ever read here to be checked and normalised; what is kept is a keyed hash.

use crate::cell::moment::days_in;
use jiff::civil::Date;

/// Why a text is no civic number. None of the reasons gives away a digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CivicFault {
    /// Neither 12 nor 10 digits, with `-` or `+` or nothing before the last four.
    Form,
    /// The first digits are no day.
    Day,
    /// The last digit does not follow from the others.
    CheckDigit,
    /// An interim number with a letter, which is never permanent.
    Interim,
    /// A day after the delivery came.
    Future,
}

impl CivicFault {
    /// The reason, to follow a colon.
    pub(crate) fn words(self) -> &'static str {
        match self {
            CivicFault::Form => "it has neither 12 nor 10 digits in the agreed form",
            CivicFault::Day => "its first digits are not a date",
            CivicFault::CheckDigit => "the check digit does not agree with the other digits",
            CivicFault::Interim => "it is an interim number, which is not permanent",
            CivicFault::Future => "its date lies after the day the delivery came",
        }
    }
}

/// The twelve digits of `YYYYMMDDNNNN`, `YYYYMMDD-NNNN`, `YYMMDDNNNN`, `YYMMDD-NNNN` or
/// `YYMMDD+NNNN`. `received_on` settles the century of the ten-digit forms.
pub(crate) fn normalise(text: &str, received_on: Date) -> Result<[u8; 12], CivicFault> {
    let (digits, count, plus) = split(text)?;
    let ten = &digits[count - 10..count];
    let century = (count == 12).then(|| pair(&digits));
    let (short_year, month, day) = (pair(&ten[0..]), pair(&ten[2..]), pair(&ten[4..]));
    let day = if day > 60 { day - 60 } else { day };
    let year = match century {
        Some(century) => century * 100 + short_year,
        None => year_of(short_year, month, day, plus, received_on),
    };
    if !(1800..=2199).contains(&year) || !(1..=12).contains(&month) {
        return Err(CivicFault::Day);
    }
    if day < 1 || day > days_in(year, month) {
        return Err(CivicFault::Day);
    }
    if !luhn_holds(ten) {
        return Err(CivicFault::CheckDigit);
    }
    if (year, month, day) > today(received_on) {
        return Err(CivicFault::Future);
    }
    let mut twelve = [0u8; 12];
    twelve[0] = b'0' + (year / 1000) as u8;
    twelve[1] = b'0' + (year / 100 % 10) as u8;
    for (place, digit) in twelve[2..].iter_mut().zip(ten) {
        *place = b'0' + digit;
    }
    Ok(twelve)
}

/// The digits, how many (10 or 12), and whether the sign was `+`.
fn split(text: &str) -> Result<([u8; 12], usize, bool), CivicFault> {
    let bytes = text.as_bytes();
    let (head, sign, tail) = match bytes.len() {
        10 | 12 => (&bytes[..bytes.len() - 4], b'-', &bytes[bytes.len() - 4..]),
        11 | 13 => {
            let at = bytes.len() - 5;
            (&bytes[..at], bytes[at], &bytes[at + 1..])
        }
        _ => return Err(CivicFault::Form),
    };
    let sign_is_sound = sign == b'-' || sign == b'+' && head.len() == 6;
    let all_digits = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_digit);
    if !sign_is_sound || !all_digits(head) {
        return Err(CivicFault::Form);
    }
    if tail[0].is_ascii_alphabetic() && all_digits(&tail[1..]) {
        return Err(CivicFault::Interim);
    }
    if !all_digits(tail) {
        return Err(CivicFault::Form);
    }
    let mut digits = [0u8; 12];
    for (place, byte) in digits.iter_mut().zip(head.iter().chain(tail)) {
        *place = byte - b'0';
    }
    Ok((digits, head.len() + 4, sign == b'+'))
}

/// The latest year that fits: from the year somebody turns a hundred the sign is `+`.
fn year_of(short: u32, month: u32, day: u32, plus: bool, received_on: Date) -> u32 {
    let this_year = received_on.year() as u32;
    let latest = if plus { this_year - 100 } else { this_year };
    let year = latest - (latest + 100 - short) % 100;
    if !plus && (year, month, day) > today(received_on) { year - 100 } else { year }
}

fn today(date: Date) -> (u32, u32, u32) {
    (date.year() as u32, date.month() as u32, date.day() as u32)
}

fn pair(digits: &[u8]) -> u32 {
    u32::from(digits[0] * 10 + digits[1])
}

/// Every second digit doubled, the digits of all added up: a multiple of ten.
fn luhn_holds(ten: &[u8]) -> bool {
    let sum: u32 = ten
        .iter()
        .enumerate()
        .map(|(index, digit)| {
            let weighed = u32::from(*digit) * if index % 2 == 0 { 2 } else { 1 };
            weighed / 10 + weighed % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<String, CivicFault> {
        normalise(text, date(2024, 9, 16)).map(|twelve| String::from_utf8(twelve.to_vec()).unwrap())
    }

    // All numbers are from the tax agency's published series for tests, or made up beside it.
    #[test]
    fn four_forms_give_the_same_twelve_digits() {
        for text in ["189001019802", "18900101-9802"] {
            assert_eq!(read(text).unwrap(), "189001019802");
        }
        for text in ["201701102384", "20170110-2384", "170110-2384", "1701102384"] {
            assert_eq!(read(text).unwrap(), "201701102384");
        }
    }

    #[test]
    fn plus_means_a_hundred_years() {
        assert_eq!(read("170110+2384").unwrap(), "191701102384");
        assert_eq!(read("900101+9802").unwrap(), "189001019802");
        assert_eq!(read("900101-9802").unwrap(), "199001019802");
    }

    #[test]
    fn coordination_numbers_have_sixty_added_to_the_day() {
        assert_eq!(read("19701063-2391").unwrap(), "197010632391");
    }

    #[test]
    fn what_is_refused_and_why() {
        assert_eq!(read("20170110-2385"), Err(CivicFault::CheckDigit));
        assert_eq!(read("20171310-2384"), Err(CivicFault::Day));
        assert_eq!(read("20170230-2384"), Err(CivicFault::Day));
        assert_eq!(read("19701099-2391"), Err(CivicFault::Day));
        assert_eq!(read("20170110-T384"), Err(CivicFault::Interim));
        assert_eq!(read("20991231-0001").unwrap_err(), CivicFault::Future);
        for text in ["", "2017", "20170110 2384", "2017-01-10-2384", "20170110+2384", "ÅÅMMDD-1234"]
        {
            assert_eq!(read(text), Err(CivicFault::Form), "{text}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in ".*") {
            let _ = read(&text);
        }

        #[test]
        fn near_numbers_never_panic(text in "[0-9T+-]{9,14}") {
            let _ = read(&text);
        }
    }
}
