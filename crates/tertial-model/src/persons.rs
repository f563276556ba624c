//! Swedish civic and coordination numbers wherever they stand in a text, and how they are masked.
//!
//! Classes say where persons are expected; a column that was swapped, a row of headings that is missing
//! or a file's name holds them where nobody expects them. So whatever is shown or kept of what a sender
//! wrote passes here. A number is recognised in every usual writing: with and without century, with
//! hyphen, plus sign, blanks or nothing before the last four, the day divided by signs, digits grown
//! together with letters.
//!
//! Digits without a sign count when the check digit agrees, since many other numbers look alike; with
//! a hyphen or a plus sign they count in any case, unless they can be a day and a time of day.
//! Whether a number is right, and its pseudonym, is `tertial-check`'s business.

use crate::{Diagnostic, Excerpt, Location};
use std::borrow::Cow;
use std::ops::Range;

/// What stands for a masked character, so that lines keep their length.
pub const DOT: char = '•';

/// Fewest characters of a civic number.
const FEWEST: usize = 10;
/// Fewest digits of one: an interim number has a letter in the place of one of ten.
const FEWEST_DIGITS: usize = 9;
/// More characters than this between and around the digits are no writing of a number.
const LONGEST: usize = 24;

/// Where civic numbers stand in a text, in bytes.
pub fn civic_numbers(text: &str) -> Vec<Range<usize>> {
    if text.len() < FEWEST || !may_hold_one(text) {
        return Vec::new();
    }
    let characters: Vec<(usize, char)> =
        text.char_indices().map(|(at, c)| (at, plain(c))).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        let begins = characters[at].1.is_ascii_digit()
            && (at == 0 || !characters[at - 1].1.is_ascii_digit());
        if !begins {
            at += 1;
            continue;
        }
        match number_at(&characters, at) {
            Some(range) => {
                let byte = |at: usize| characters.get(at).map_or(text.len(), |(byte, _)| *byte);
                found.push(byte(range.start)..byte(range.end));
                at = range.end;
            }
            None => at += 1,
        }
    }
    found
}

/// Whether a text holds a civic number.
pub fn holds_civic_number(text: &str) -> bool {
    !civic_numbers(text).is_empty()
}

/// The text with every civic number in it masked, character by character.
pub fn masked(text: &str) -> Cow<'_, str> {
    let found = civic_numbers(text);
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut done = 0;
    for range in found {
        shown.push_str(&text[done..range.start]);
        shown.extend(text[range.clone()].chars().map(|_| DOT));
        done = range.end;
    }
    shown.push_str(&text[done..]);
    Cow::Owned(shown)
}

/// A text with ten digits in reach of each other is worth a closer look.
fn may_hold_one(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    digits >= FEWEST_DIGITS || text.chars().any(|c| plain(c) != c)
}

/// Digits and signs of other scripts' width as their plain ones.
fn plain(c: char) -> char {
    match c {
        '\u{ff10}'..='\u{ff19}' => char::from_digit(c as u32 - 0xff10, 10).unwrap_or(c),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ad}' | '\u{fe63}' | '\u{ff0d}' => '-',
        '\u{ff0b}' => '+',
        '\u{a0}' | '\u{2000}'..='\u{200b}' | '\u{202f}' | '\u{2060}' | '\u{3000}' | '\t' => ' ',
        c => c,
    }
}

/// The civic number that begins in the run of digits at `at`, as a range of characters.
fn number_at(characters: &[(usize, char)], at: usize) -> Option<Range<usize>> {
    let digit = |at: usize| characters.get(at).and_then(|(_, c)| c.to_digit(10)).map(|d| d as u8);
    let run = |from: usize| (from..).take_while(|at| digit(*at).is_some()).count();
    let read =
        |from: usize, count: usize| -> Vec<u8> { (from..from + count).filter_map(digit).collect() };
    let length = run(at);
    match length {
        10 | 12 => {
            let digits = read(at, length);
            let sure = day_of(&digits).is_some() && luhn_holds(&digits);
            return sure.then_some(at..at + length);
        }
        14 | 17 if is_moment_to_the_second(&read(at, 14)) => return None,
        // Grown together with other digits: only with a century and a check digit.
        11 | 13.. => {
            let window = |from: &usize| {
                let digits = read(*from, 12);
                digits.len() == 12 && day_of(&digits).is_some() && luhn_holds(&digits)
            };
            let last = (at + length).saturating_sub(12);
            return (at..=last).find(window).map(|from| from..from + 12);
        }
        _ => {}
    }
    // A day, whole or divided, then a sign or blanks, then four.
    let mut day = read(at, length);
    let mut next = at + length;
    if matches!(length, 2 | 4) {
        for _ in 0..2 {
            let sign = characters.get(next)?.1;
            if !matches!(sign, '-' | '.' | '/' | ' ') || run(next + 1) != 2 {
                return None;
            }
            day.extend(read(next + 1, 2));
            next += 3;
        }
    }
    if !matches!(day.len(), 6 | 8) {
        return None;
    }
    let signs: String = characters[next.min(characters.len())..]
        .iter()
        .map(|(_, c)| *c)
        .take_while(|c| matches!(c, ' ' | '-' | '+' | '_' | '.'))
        .collect();
    let signs_count = signs.chars().count();
    let drawn = signs.trim();
    if signs.is_empty() || drawn.chars().count() > 1 || next + signs_count - at > LONGEST {
        return None;
    }
    let tail = next + signs_count;
    let is_interim = characters.get(tail).is_some_and(|(_, c)| c.is_ascii_uppercase())
        && run(tail + 1) == 3
        && matches!(drawn, "-" | "+");
    if is_interim {
        return day_of(&day).map(|_| at..tail + 4);
    }
    if run(tail) != 4 {
        return None;
    }
    let mut digits = day.clone();
    digits.extend(read(tail, 4));
    day_of(&digits)?;
    let is_drawn = matches!(drawn, "-" | "+") && length >= 6;
    let sure = luhn_holds(&digits) || is_drawn && !may_be_a_moment(&digits);
    sure.then_some(at..tail + 4)
}

/// Year, month and day of the first six or eight of the digits; sixty is added to the day of a
/// coordination number.
fn day_of(digits: &[u8]) -> Option<(u32, u32, u32)> {
    let pair = |at: usize| Some(u32::from(*digits.get(at)?) * 10 + u32::from(*digits.get(at + 1)?));
    let (year, from) = match digits.len() {
        8 | 12 => (pair(0)? * 100 + pair(2)?, 4),
        _ => (2000 + pair(0)?, 2),
    };
    let (month, day) = (pair(from)?, pair(from + 2)?);
    let day = if day > 60 { day - 60 } else { day };
    let longest = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let is_day =
        (1800..=2099).contains(&year) && (1..=12).contains(&month) && (1..=longest).contains(&day);
    is_day.then_some((year, month, day))
}

/// The last ten digits against their check digit.
fn luhn_holds(digits: &[u8]) -> bool {
    let ten = &digits[digits.len() - 10..];
    let weighed = ten.iter().enumerate().map(|(at, digit)| {
        let weighed = u32::from(*digit) * if at % 2 == 0 { 2 } else { 1 };
        weighed / 10 + weighed % 10
    });
    weighed.sum::<u32>().is_multiple_of(10)
}

/// `20240916-1200`: a day of our time and a time of day.
fn may_be_a_moment(digits: &[u8]) -> bool {
    let tail = &digits[digits.len() - 4..];
    let (hours, minutes) = (tail[0] * 10 + tail[1], tail[2] * 10 + tail[3]);
    digits.len() == 12 && digits[0] == 2 && hours < 24 && minutes < 60
}

/// `20151125095119`: a day of our time and a time of day to the second, as exports are named.
fn is_moment_to_the_second(digits: &[u8]) -> bool {
    let (minute, seconds) = digits.split_at(12);
    may_be_a_moment(minute) && day_of(minute).is_some() && seconds[0] < 6
}

impl Diagnostic {
    /// The same with every civic number in it masked, wherever it stands.
    pub fn without_civic_numbers(mut self) -> Diagnostic {
        let own = |text: &mut String| {
            if let Cow::Owned(shown) = masked(text) {
                *text = shown;
            }
        };
        own(&mut self.message);
        self.location = self.location.without_civic_numbers();
        for text in [&mut self.found, &mut self.expected, &mut self.contract, &mut self.effect] {
            text.iter_mut().for_each(own);
        }
        self.hints.iter_mut().for_each(own);
        self.excerpt = self
            .excerpt
            .map(|excerpt| Excerpt { text: masked(&excerpt.text).into_owned(), ..excerpt });
        self
    }
}

impl Location {
    /// The same with every civic number in it masked.
    pub fn without_civic_numbers(self) -> Location {
        let own = |text: String| match masked(&text) {
            Cow::Owned(shown) => shown,
            Cow::Borrowed(_) => text,
        };
        let of_field =
            |field: Option<(u32, String)>| field.map(|(number, name)| (number, own(name)));
        match self {
            Location::File { file } => Location::File { file: own(file) },
            Location::Text { file, line, column, field } => {
                Location::Text { file: own(file), line, column, field: of_field(field) }
            }
            Location::Sheet { file, sheet, cell, field } => {
                Location::Sheet { file: own(file), sheet: own(sheet), cell, field: of_field(field) }
            }
            Location::Record { file, line, record, field } => Location::Record {
                file: own(file),
                line,
                record: own(record),
                field: of_field(field),
            },
            Location::Cube { file, coordinates } => {
                let pair = |(name, value)| (own(name), own(value));
                Location::Cube {
                    file: own(file),
                    coordinates: coordinates.into_iter().map(pair).collect(),
                }
            }
            Location::Query { query, key } => Location::Query { query, key: own(key) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    // From the tax agency's published series for tests.
    const WRITINGS: [&str; 22] = [
        "189001019802",
        "18900101-9802",
        "201701102384",
        "20170110-2384",
        "170110-2384",
        "170110+2384",
        "1701102384",
        "170110 2384",
        "20170110 2384",
        "20170110 - 2384",
        "170110 – 2384",
        "20170110\u{2011}2384",
        "20170110\u{a0}2384",
        "2017-01-10-2384",
        "2017-01-10 2384",
        "17-01-10-2384",
        "2017.01.10-2384",
        "2017 01 10 2384",
        "19701063-2391",
        "197010632391",
        "７０１０６３－２３９１",
        "170110_2384",
    ];

    fn whole(text: &str) -> std::ops::Range<usize> {
        0..text.len()
    }

    #[test]
    fn every_writing_is_found_alone_in_a_text_and_in_a_name() {
        for writing in WRITINGS {
            assert_eq!(civic_numbers(writing), vec![whole(writing)], "{writing}");
            for (before, after) in
                [("Patient ", ", vård"), ("frånvaro", ".csv"), ("(", ")"), ("id=", "\n")]
            {
                let text = format!("{before}{writing}{after}");
                let found = civic_numbers(&text);
                let expected = before.len()..before.len() + writing.len();
                assert_eq!(found, vec![expected], "{text}");
                let shown = masked(&text);
                assert_eq!(shown.chars().count(), text.chars().count(), "{text}");
                assert!(!shown.chars().any(|c| c.is_ascii_digit()), "{shown}");
            }
        }
        let two = "170110-2384 och 19701063-2391";
        assert_eq!(masked(two), "••••••••••• och •••••••••••••");
    }

    #[test]
    fn a_number_mistyped_or_interim_is_masked_where_it_is_written_as_one() {
        for text in ["20170110-2385", "19890110-2385", "890110+2385", "890110-T385"] {
            assert_eq!(civic_numbers(text), vec![whole(text)], "{text}");
        }
    }

    #[test]
    fn digits_within_digits_need_a_century() {
        assert_eq!(masked("0000201701102384"), "0000••••••••••••");
        assert_eq!(masked("00001701102384"), "00001701102384");
        // No time of day is 23:84.
        assert_eq!(masked("20170110238401"), "••••••••••••01");
    }

    #[test]
    fn other_numbers_stay() {
        for text in [
            "",
            "12345",
            "12 345,60",
            "1 234 567 890",
            "556677-8899",
            "2024-08-31",
            "2024-01-01 till 2024-08-31",
            "2024-09-16T04:00:00Z",
            "export_20240916-1200.csv",
            "20240916120000",
            "XE_SIE_4_20151125095119.SE",
            "20151125095119123",
            "hr-0b1ee1160dc0",
            "070-123 45 67",
            "SE5540000000123456789012",
            "1 of 48 201 (limit 10)",
            "99123456789012345678",
            "2017-01-10-2385",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn nothing_of_a_diagnostic_is_left_out() {
        let number = "20170110-2384";
        let place = Location::Text {
            file: format!("data/received/hr/{number}.csv"),
            line: 2,
            column: 1,
            field: Some((1, number.to_owned())),
        };
        let fault =
            Diagnostic::error(Code::ColumnMissing, format!("`{number}` is not there"), place)
                .with_excerpt(Excerpt {
                    line: 2,
                    text: format!("a;{number}"),
                    start: 2,
                    length: 13,
                })
                .with_found(number)
                .with_expected(number)
                .with_contract(number)
                .with_effect(number)
                .with_hint(number);
        let text = fault.without_civic_numbers().to_string();
        assert!(!text.contains("2384") && text.contains("a;•••••••••••••"), "{text}");
    }
}
