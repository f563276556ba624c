//! Days and months as sources write them, as days since 1970-01-01.
//!
//! Only forms with the year first, and month names: `03/04/2024` is two different days to two
//! different programs and is refused.
//!
//! A moment (`2024-12-31T23:00:00Z`) lies on the day that Sweden had then, which here is the first of
//! January. Its zone stands beside it; where none does, it is the one that the contract names, and
//! without a name a time of day is refused, since nobody has said what it means.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, Zoned};
use std::sync::LazyLock;
use tertial_model::Month;

/// The zone whose days and months count.
static SWEDEN: LazyLock<Option<TimeZone>> = LazyLock::new(|| zone("Europe/Stockholm"));

/// A zone of the bundled IANA database; none when it has no such zone.
pub(crate) fn zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

/// Why a text is no day or month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MomentFault {
    /// Another form.
    Form,
    /// The form is right, the day does not exist.
    NoSuchDay,
    /// A day inside a month, where a month is wanted.
    InsideMonth,
    /// A time of day that is not midnight.
    TimeOfDay,
}

/// `2024-08-31` or `20240831`, midnight may follow.
#[inline]
pub(crate) fn date(text: &str) -> Result<i32, MomentFault> {
    let (year, month, day) = parts(text.as_bytes())?;
    if year < 1000 || !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return Err(MomentFault::NoSuchDay);
    }
    Ok(days_since_1970(year, month, day))
}

/// `2024-08`, `202408`, `2024M08`, `augusti 2024`, or the first day of a month.
#[inline]
pub(crate) fn month(text: &str) -> Result<i32, MomentFault> {
    let bytes = text.as_bytes();
    let split = match bytes {
        [_, _, _, _, b'-' | b'M' | b'm', _, _] => Some((&bytes[..4], &bytes[5..])),
        [_, _, _, _, _, _] => Some((&bytes[..4], &bytes[4..])),
        _ => None,
    };
    if let Some((year, month)) = split
        && let (Some(year), Some(month)) = (digits(year), digits(month))
    {
        return first_day(year, month).ok_or(MomentFault::NoSuchDay);
    }
    if !bytes.first().is_some_and(u8::is_ascii_digit) {
        return named(text).ok_or(MomentFault::Form);
    }
    let (year, month, day) = parts(bytes)?;
    if day != 1 {
        date(text)?;
        return Err(MomentFault::InsideMonth);
    }
    first_day(year, month).ok_or(MomentFault::NoSuchDay)
}

/// A day as [`date`] reads it, or the day in Sweden of a moment. A moment without a zone of its own
/// lies in `zone`.
#[inline]
pub(crate) fn day(text: &str, zone: Option<&TimeZone>) -> Result<i32, MomentFault> {
    match date(text) {
        Err(fault) => in_sweden(text, zone)?.map(|at| days_of(at.date())).ok_or(fault),
        // A midnight is one somewhere: only where no zone is named does it stand for the day alone.
        Ok(_) if zone.is_some() && text.len() > 10 => {
            in_sweden(text, zone)?.map(|at| days_of(at.date())).ok_or(MomentFault::Form)
        }
        found => found,
    }
}

/// A month as [`month`] reads it, or the month in Sweden of a moment. Where no zone is named a column
/// of months holds months, so that a moment must be the beginning of one: its midnight in Sweden, or
/// the midnight it is written as.
#[inline]
pub(crate) fn month_of(text: &str, zone: Option<&TimeZone>) -> Result<i32, MomentFault> {
    let is_moment = text.len() > 10 && zone.is_some();
    let fault = match month(text) {
        Err(fault) => fault,
        Ok(month) if !is_moment => return Ok(month),
        Ok(_) => MomentFault::Form,
    };
    let Some(at) = in_sweden(text, zone)? else { return Err(fault) };
    let begins = |at: DateTime| at.day() == 1 && at.time() == Time::midnight();
    let written = || text.get(..10).zip(text.get(11..16));
    let is_written_so =
        || written().is_some_and(|(day, clock)| day.ends_with("-01") && clock == "00:00");
    let at = if zone.is_none() && is_written_so() {
        // What was written as the first midnight of a month means that month, whatever the zone.
        text.get(..10).and_then(|day| day.parse::<Date>().ok()).map_or(at, |day| day.at(0, 0, 0, 0))
    } else if zone.is_none() && !begins(at) {
        return Err(if at.time() == Time::midnight() {
            MomentFault::InsideMonth
        } else {
            MomentFault::TimeOfDay
        });
    } else {
        at
    };
    let year = u32::try_from(at.year()).map_err(|_| MomentFault::NoSuchDay)?;
    first_day(year, at.month().unsigned_abs().into()).ok_or(MomentFault::NoSuchDay)
}

/// What the clock in Sweden showed at a moment; none when the text is no moment, or says no zone and
/// none is named. A local time that the change to summer time leaves out is read as the hour after,
/// one that comes twice as the first of the two.
fn in_sweden(text: &str, zone: Option<&TimeZone>) -> Result<Option<DateTime>, MomentFault> {
    let Some(sweden) = SWEDEN.as_ref() else { return Ok(None) };
    let bytes = text.as_bytes();
    let is_moment = bytes.len() > 15
        && matches!(bytes[10], b'T' | b't' | b' ')
        && bytes[13] == b':'
        && bytes[..10].is_ascii();
    if !is_moment {
        return Ok(None);
    }
    date(&text[..10])?;
    // A zone that is named beside the moment says more than its offset, and than the column's.
    if text.ends_with(']') {
        return Ok(text.parse::<Zoned>().ok().map(|moment| sweden.to_datetime(moment.timestamp())));
    }
    if offset_hours(text).is_some_and(|hours| hours > MOST_OFFSET) {
        return Ok(None);
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(Some(sweden.to_datetime(moment)));
    }
    let Ok(local) = text.parse::<DateTime>() else { return Ok(None) };
    let Some(zone) = zone else { return Err(MomentFault::TimeOfDay) };
    let moment = local.to_zoned(zone.clone()).map_err(|_| MomentFault::NoSuchDay)?.timestamp();
    Ok(Some(sweden.to_datetime(moment)))
}

/// No place on earth is further from Greenwich, in hours.
const MOST_OFFSET: u8 = 14;

/// The hours of an offset at the end of a moment: 2 of `+02:00`, `+0200` and `+02`.
fn offset_hours(text: &str) -> Option<u8> {
    let time = text.get(11..)?;
    let offset = &time[time.rfind(['+', '-'])? + 1..];
    offset.get(..2)?.parse().ok()
}

fn days_of(day: Date) -> i32 {
    days_since_1970(
        day.year().unsigned_abs().into(),
        day.month().unsigned_abs().into(),
        day.day().unsigned_abs().into(),
    )
}

/// Whether a text looks like day/month/year or month/day/year.
pub(crate) fn looks_day_first(text: &str) -> bool {
    let numbers: Vec<&str> = text.split(['/', '.', '-', ' ']).collect();
    numbers.len() == 3
        && numbers.iter().all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
        && numbers[0].len() <= 2
}

/// The first day of a month between 1900 and 2199.
pub(crate) fn first_day(year: u32, month: u32) -> Option<i32> {
    Month::new(i16::try_from(year).ok()?, u8::try_from(month).ok()?)?;
    Some(days_since_1970(year, month, 1))
}

/// `augusti 2024`, in any case, also abbreviated to three letters or more with or without a point.
fn named(text: &str) -> Option<i32> {
    let (name, year) = text.rsplit_once([' ', '\u{a0}'])?;
    let name = name.trim_end().trim_end_matches('.').to_lowercase();
    if year.len() != 4 || name.chars().count() < 3 {
        return None;
    }
    let year = digits(year.as_bytes())?;
    let number = (1u8..=12).find(|number| {
        Month::new(2000, *number).is_some_and(|month| month.label().starts_with(&name))
    })?;
    first_day(year, u32::from(number))
}

#[inline]
fn parts(bytes: &[u8]) -> Result<(u32, u32, u32), MomentFault> {
    let (head, tail) = match bytes {
        [_, _, _, _, b'-', _, _, b'-', _, _, tail @ ..] => {
            ((&bytes[..4], &bytes[5..7], &bytes[8..10]), tail)
        }
        [_, _, _, _, _, _, _, _] => ((&bytes[..4], &bytes[4..6], &bytes[6..8]), &bytes[8..]),
        _ => return Err(MomentFault::Form),
    };
    let (year, month, day) = (digits(head.0), digits(head.1), digits(head.2));
    let (Some(year), Some(month), Some(day)) = (year, month, day) else {
        return Err(MomentFault::Form);
    };
    if !tail.is_empty() {
        midnight(tail)?;
    }
    Ok((year, month, day))
}

/// `T00:00`, ` 00:00:00`, ` 00:00:00.000`, with `Z` or not.
fn midnight(tail: &[u8]) -> Result<(), MomentFault> {
    let [b'T' | b' ', clock @ ..] = tail else { return Err(MomentFault::Form) };
    let clock = clock.strip_suffix(b"Z").unwrap_or(clock);
    let form = clock.len() >= 5
        && clock.iter().enumerate().all(|(index, byte)| match index {
            2 | 5 => *byte == b':',
            8 => *byte == b'.',
            _ => byte.is_ascii_digit(),
        });
    match form {
        false => Err(MomentFault::Form),
        true if clock.iter().all(|b| !(b'1'..=b'9').contains(b)) => Ok(()),
        true => Err(MomentFault::TimeOfDay),
    }
}

#[inline]
fn digits(bytes: &[u8]) -> Option<u32> {
    let mut value = 0;
    for byte in bytes {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u32::from(digit);
    }
    Some(value)
}

pub(crate) fn days_in(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar; years count from March, so that the
/// leap day comes last.
fn days_since_1970(year: u32, month: u32, day: u32) -> i32 {
    let shifted_year = if month <= 2 { year as i32 - 1 } else { year as i32 };
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let shifted_month = (month as i32 + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + day as i32 - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn days_in_both_forms_and_at_midnight() {
        let texts = [
            "2024-08-31",
            "20240831",
            "2024-08-31T00:00:00",
            "2024-08-31 00:00",
            "2024-08-31 00:00:00.000",
            "2024-08-31T00:00:00Z",
        ];
        for text in texts {
            assert_eq!(date(text), Ok(19_966), "{text}");
        }
        assert_eq!(date("1970-01-01"), Ok(0));
        assert_eq!(date("9999-12-31"), Ok(2_932_896));
    }

    #[test]
    fn what_is_no_day() {
        for text in ["2024-02-30", "2023-02-29", "2024-13-01", "20240800", "0001-01-01"] {
            assert_eq!(date(text), Err(MomentFault::NoSuchDay), "{text}");
        }
        for text in [
            "",
            "31/8/2024",
            "08/31/24",
            "2024-8-31",
            "2024/08/31",
            "240831",
            "45535",
            "2024-08-31x",
        ] {
            assert_eq!(date(text), Err(MomentFault::Form), "{text}");
        }
        assert_eq!(date("2024-08-31 13:45:00"), Err(MomentFault::TimeOfDay));
        assert!(
            looks_day_first("31/8/2024")
                && looks_day_first("3.4.24")
                && !looks_day_first("2024-08-31")
        );
    }

    fn is_day(text: &str, zone_name: Option<&str>, expected: &str) {
        let zone = zone_name.map(|name| zone(name).unwrap());
        assert_eq!(day(text, zone.as_ref()), date(expected), "{text} in {zone_name:?}");
    }

    #[test]
    fn a_moment_lies_on_the_day_that_sweden_had_then() {
        for (text, expected) in [
            ("2024-12-31T22:30:00Z", "2024-12-31"),
            ("2024-12-31T23:00:00Z", "2025-01-01"),
            ("2024-12-31t23:30z", "2025-01-01"),
            ("2025-01-01T00:00:00Z", "2025-01-01"),
            ("2024-08-31T22:15:00+00:00", "2024-09-01"),
            ("2024-08-31 22:15:00.123+0000", "2024-09-01"),
            ("2025-01-01T00:00:00+01:00", "2025-01-01"),
            ("2025-01-01T00:00:00+05:00", "2024-12-31"),
            ("2024-12-31T18:30:00-05:00", "2025-01-01"),
            ("2024-08-31T22:15:00Z[UTC]", "2024-09-01"),
            // An hour before and after the changes to and from summer time.
            ("2024-03-30T22:59:59Z", "2024-03-30"),
            ("2024-03-30T23:00:00Z", "2024-03-31"),
            ("2024-03-31T21:59:59Z", "2024-03-31"),
            ("2024-03-31T22:00:00Z", "2024-04-01"),
            ("2024-10-27T22:59:59Z", "2024-10-27"),
            ("2024-10-27T23:00:00Z", "2024-10-28"),
        ] {
            is_day(text, None, expected);
        }
    }

    #[test]
    fn a_time_without_a_zone_lies_in_the_one_that_is_named() {
        is_day("2024-08-31 23:30", Some("Europe/Stockholm"), "2024-08-31");
        is_day("2024-08-31T23:30:00", Some("UTC"), "2024-09-01");
        is_day("2024-12-31 22:59:59", Some("UTC"), "2024-12-31");
        is_day("2024-08-31 00:00", Some("Europe/Helsinki"), "2024-08-30");
        // A zone of its own goes before the one that is named; a day alone is a day.
        is_day("2024-08-31T21:30:00Z", Some("Europe/Helsinki"), "2024-08-31");
        is_day("2024-08-31", Some("Europe/Helsinki"), "2024-08-31");
        // Times that the change to summer time leaves out, and that come twice.
        is_day("2024-03-31 02:30", Some("Europe/Stockholm"), "2024-03-31");
        is_day("2024-10-27 02:30", Some("Europe/Stockholm"), "2024-10-27");
        assert_eq!(day("2024-08-31 23:30", None), Err(MomentFault::TimeOfDay));
        assert_eq!(day("2024-02-30T10:00:00Z", None), Err(MomentFault::NoSuchDay));
        assert_eq!(day("2024-08-31T25:00:00Z", None), Err(MomentFault::TimeOfDay));
        for text in ["2024-08-31T10:00:00 CET", "2024-08-31T10Z", "i går 10:00:00Z"] {
            assert_eq!(day(text, None), Err(MomentFault::Form), "{text}");
        }
    }

    #[test]
    fn a_month_is_written_as_its_first_midnight() {
        let is_month = |text: &str, name: Option<&str>, expected: &str| {
            let zone = name.map(|name| zone(name).unwrap());
            assert_eq!(month_of(text, zone.as_ref()), month(expected), "{text} in {name:?}");
        };
        is_month("2024-08-31T22:00:00Z", None, "2024-09");
        is_month("2024-12-31T23:00:00.000Z", None, "2025-01");
        is_month("2024-09-01T00:00:00Z", None, "2024-09");
        is_month("2024-09-01T00:00:00+02:00", None, "2024-09");
        is_month("2024-08-31T22:15:00Z", Some("Europe/Stockholm"), "2024-09");
        is_month("2024-08-17 12:00", Some("Europe/Stockholm"), "2024-08");
        is_month("2024-08", Some("UTC"), "2024-08");
        assert_eq!(month_of("2024-08-31T22:15:00Z", None), Err(MomentFault::TimeOfDay));
        assert_eq!(month_of("2024-08-15T22:00:00Z", None), Err(MomentFault::InsideMonth));
        assert_eq!(month_of("2024-08-31 22:00", None), Err(MomentFault::TimeOfDay));
    }

    #[test]
    fn months_in_all_their_forms() {
        let texts = [
            "2024-08",
            "202408",
            "2024M08",
            "2024-08-01",
            "20240801",
            "augusti 2024",
            "Augusti\u{a0}2024",
            "aug 2024",
            "aug. 2024",
            "2024-08-01 00:00:00",
        ];
        for text in texts {
            assert_eq!(month(text), Ok(19_936), "{text}");
        }
        assert_eq!(month("2024-08-31"), Err(MomentFault::InsideMonth));
        assert_eq!(month("2024-13"), Err(MomentFault::NoSuchDay));
        assert_eq!(month("2024-02-31"), Err(MomentFault::NoSuchDay));
        for text in [
            "2024",
            "2024T2",
            "ma 2024",
            "augusti",
            "08/2024",
            "agusti 2024",
            "august 24",
            "Totalt",
        ] {
            assert_eq!(month(text), Err(MomentFault::Form), "{text}");
        }
    }

    proptest! {
        #[test]
        fn days_agree_with_a_calendar_library(year in 1000i16..=9999, month in 1i8..=12, day in 1i8..=31) {
            let text = format!("{year:04}-{month:02}-{day:02}");
            let known = jiff::civil::Date::new(year, month, day).ok();
            let epoch = jiff::civil::date(1970, 1, 1);
            let days = known.map(|date| (date - epoch).get_days());
            prop_assert_eq!(date(&text).ok(), days);
        }

        #[test]
        fn arbitrary_text_never_panics(text in ".*") {
            let sweden = zone("Europe/Stockholm");
            let _ = (day(&text, sweden.as_ref()), month_of(&text, None), looks_day_first(&text));
        }

        #[test]
        fn near_dates_never_panic(text in "[0-9]{4}-[0-9]{2}-[0-9]{2}[0-9TMZz:. +å-]{0,16}") {
            let utc = zone("UTC");
            let _ = (date(&text), month(&text), day(&text, None), month_of(&text, None));
            let _ = (day(&text, utc.as_ref()), month_of(&text, utc.as_ref()));
        }

        #[test]
        fn moments_agree_with_a_calendar_library(second in -2_000_000_000i64..4_000_000_000) {
            let moment = Timestamp::from_second(second).unwrap();
            let sweden = moment.to_zoned(zone("Europe/Stockholm").unwrap());
            prop_assert_eq!(day(&moment.to_string(), None), date(&sweden.date().to_string()));
            let written = sweden.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
            prop_assert_eq!(day(&written, None), date(&written[..10]));
        }
    }
}
