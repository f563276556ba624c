//! "Now", read in one place and passed on as a value.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz::TimeZone};

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
}

impl Moment {
    /// The system's clock.
    pub fn now() -> Moment {
        Moment { at: seconds(Timestamp::now()), is_now: true }
    }

    /// `2024-09-16` (the end of that day) or an RFC 3339 moment; the clock when not given.
    pub fn parse(text: Option<&str>) -> Result<Moment, String> {
        let Some(text) = text else { return Ok(Moment::now()) };
        if let Ok(day) = text.parse::<Date>() {
            return Ok(Moment { at: format!("{day}T23:59:59Z"), is_now: false });
        }
        let moment: Timestamp = text
            .parse()
            .map_err(|_| format!("`{text}` is neither a day such as `2024-09-16` nor a moment such as `2024-09-16T06:00:00Z`"))?;
        Ok(Moment { at: seconds(moment), is_now: false })
    }

    /// The moment as it has become while the run went on; one that was asked for does not move.
    pub fn by_now(&self) -> Timestamp {
        if self.is_now { wall() } else { self.at.parse().expect("a moment is a time") }
    }

    /// The day, `2024-09-16`.
    pub fn day(&self) -> &str {
        &self.at[..10]
    }

    /// The day `days` earlier.
    pub fn days_earlier(&self, days: u32) -> String {
        let day: Date = self.day().parse().expect("a moment begins with a day");
        day.checked_sub(i64::from(days).days()).unwrap_or(day).to_string()
    }
}

fn seconds(moment: Timestamp) -> String {
    moment.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
