//! "Now", read in one place and passed on as a value. A day is a day in Sweden.

use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};

/// The system's clock, for what happens outside while a run goes on.
pub fn wall() -> Timestamp {
    Timestamp::now()
}

/// The moment a run looks from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// RFC 3339, UTC, whole seconds.
    pub at: String,
    /// Whether it was the clock's when the run began, and not one that was asked for.
    pub is_now: bool,
    /// The day in Sweden, `2024-09-16`.
    day: String,
}

/// Why a text is no moment to look from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoMoment {
    /// It is neither a day nor a moment.
    Unreadable,
    /// It has not been yet; it is this moment now, RFC 3339, UTC.
    Future {
        /// The system's clock.
        now: String,
    },
}

impl Moment {
    /// The system's clock.
    pub fn now() -> Moment {
        Moment::new(wall(), true)
    }

    /// A moment that was asked for or written down, RFC 3339; `None` when the text is none.
    pub fn given(text: &str) -> Option<Moment> {
        text.parse().ok().map(|at| Moment::new(at, false))
    }

    /// `2024-09-16` (the end of that day in Sweden; for the day that it is, now) or an RFC 3339
    /// moment; the clock when not given. What has not been yet cannot be looked from.
    pub fn parse(text: Option<&str>) -> Result<Moment, NoMoment> {
        Moment::parse_at(text, wall())
    }

    fn parse_at(text: Option<&str>, now: Timestamp) -> Result<Moment, NoMoment> {
        let Some(text) = text else { return Ok(Moment::new(now, true)) };
        let moment = match text.parse::<Date>() {
            Ok(day) if text.len() == 10 && day == now.to_zoned(sweden()).date() => {
                return Ok(Moment::new(now, true));
            }
            // A text with a time of day is read as a day too, by what stands before its `T`.
            Ok(day) if text.len() == 10 => {
                Moment::new(end_of(day).ok_or(NoMoment::Unreadable)?, false)
            }
            _ => Moment::given(text).ok_or(NoMoment::Unreadable)?,
        };
        let now = seconds(now);
        if moment.at > now { Err(NoMoment::Future { now }) } else { Ok(moment) }
    }

    fn new(at: Timestamp, is_now: bool) -> Moment {
        let day = at.to_zoned(sweden()).date().to_string();
        Moment { at: seconds(at), is_now, day }
    }

    /// The moment as it has become while the run went on; one that was asked for does not move.
    pub fn by_now(&self) -> Timestamp {
        if self.is_now { wall() } else { self.at.parse().expect("a moment is a time") }
    }

    /// [`Moment::by_now`], RFC 3339, UTC, whole seconds.
    pub fn at_by_now(&self) -> String {
        seconds(self.by_now())
    }

    /// The day in Sweden, `2024-09-16`.
    pub fn day(&self) -> &str {
        &self.day
    }

    /// The day `days` earlier.
    pub fn days_earlier(&self, days: u32) -> String {
        let day: Date = self.day().parse().expect("a day is a date");
        day.checked_sub(i64::from(days).days()).unwrap_or(day).to_string()
    }
}

/// The day of a moment in Sweden, `2024-09-16`; the text itself when it is no moment.
pub fn day_of(moment: &str) -> String {
    Moment::given(moment).map_or_else(|| moment.to_owned(), |moment| moment.day)
}

/// A moment for readers who are told of another: its day, with the time when both are of one day.
pub fn in_words(moment: &str, beside: &str) -> String {
    let day = day_of(moment);
    match moment.parse::<Timestamp>() {
        Ok(at) if day == day_of(beside) => {
            format!("{day} kl. {}", at.to_zoned(sweden()).strftime("%H.%M"))
        }
        _ => day,
    }
}

/// The last whole second of a day in Sweden.
fn end_of(day: Date) -> Option<Timestamp> {
    let next = day.tomorrow().ok()?.to_zoned(sweden()).ok()?;
    next.timestamp().checked_sub(1.second()).ok()
}

fn sweden() -> TimeZone {
    TimeZoneDatabase::bundled().get("Europe/Stockholm").expect("the zones are built in")
}

fn seconds(moment: Timestamp) -> String {
    moment.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Result<(String, String, bool), NoMoment> {
        let now = "2026-11-30T08:15:30.5Z".parse().unwrap();
        let moment = Moment::parse_at(Some(text), now)?;
        Ok((moment.at.clone(), moment.day().to_owned(), moment.is_now))
    }

    #[test]
    fn a_day_ends_when_it_ends_in_sweden() {
        let of = |at: &str, day: &str| Ok((at.to_owned(), day.to_owned(), false));
        assert_eq!(at("2024-09-16"), of("2024-09-16T21:59:59Z", "2024-09-16"));
        assert_eq!(at("2024-12-31"), of("2024-12-31T22:59:59Z", "2024-12-31"));
        assert_eq!(at("2024-09-16T22:30:00Z"), of("2024-09-16T22:30:00Z", "2024-09-17"));
        assert_eq!(at("2024-09-16T08:00:00+02:00"), of("2024-09-16T06:00:00Z", "2024-09-16"));
    }

    #[test]
    fn the_time_is_told_where_the_day_does_not_tell_two_apart() {
        let ten = "2024-09-16T08:00:00Z";
        assert_eq!(in_words(ten, "2024-09-17T04:00:00Z"), "2024-09-16");
        assert_eq!(in_words(ten, "2024-09-16T09:00:00Z"), "2024-09-16 kl. 10.00");
        assert_eq!(in_words("2024-09-15T22:30:00Z", ten), "2024-09-16 kl. 00.30");
        assert_eq!(day_of("någon gång"), "någon gång");
    }

    #[test]
    fn nothing_is_looked_at_from_the_future() {
        let future = Err(NoMoment::Future { now: "2026-11-30T08:15:30Z".to_owned() });
        for text in ["2099-01-01", "2026-12-01", "2026-11-30T08:15:31Z", "2026-11-30T10:00:00Z"] {
            assert_eq!(at(text), future, "{text}");
        }
        for text in ["tomorrow", "2024-02-30", "9999-12-31x", "2024-09-16T06:00:00"] {
            assert_eq!(at(text), Err(NoMoment::Unreadable), "{text}");
        }
        // The day that it is has not ended: it is looked at from now.
        let now = Ok(("2026-11-30T08:15:30Z".to_owned(), "2026-11-30".to_owned(), true));
        assert_eq!(at("2026-11-30"), now);
        assert_eq!(at("2026-11-30T08:15:30Z").map(|(at, ..)| at), now.map(|(at, ..)| at));
    }
}
