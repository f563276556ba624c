//! The period a figure concerns: a month, a tertial read as *year to date*, or a year.
//!
//! `2024T2` is January–August, because the interim report accumulates (Lag 2018:597, 13 kap.);
//! four months alone would be another type, and there is none here on purpose.
//! The day a delivery was received and the day an edition was published are other kinds of time
//! and live elsewhere.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A calendar month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i16,
    month: u8,
}

impl Month {
    /// A month, `None` when `month` is not 1–12 or the year lies outside 1900–2199.
    pub fn new(year: i16, month: u8) -> Option<Month> {
        ((1900..=2199).contains(&year) && (1..=12).contains(&month))
            .then_some(Month { year, month })
    }

    /// Reads `2024-08`, `202408` or `2024M08`.
    pub fn parse(text: &str) -> Option<Month> {
        let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
        let (year, month) = match text.len() {
            6 => text.split_at_checked(4)?,
            7 if matches!(text.as_bytes()[4], b'-' | b'M') => (text.get(..4)?, text.get(5..)?),
            _ => return None,
        };
        if !digits(year) || !digits(month) {
            return None;
        }
        Month::new(year.parse().ok()?, month.parse().ok()?)
    }

    /// The calendar year.
    pub fn year(self) -> i16 {
        self.year
    }

    /// 1–12.
    pub fn month(self) -> u8 {
        self.month
    }

    /// The month `count` months later (earlier when negative).
    pub fn plus(self, count: i32) -> Month {
        let index = i32::from(self.year) * 12 + i32::from(self.month) - 1 + count;
        Month { year: index.div_euclid(12) as i16, month: (index.rem_euclid(12) + 1) as u8 }
    }

    /// Swedish month name, lower case.
    pub fn label(self) -> &'static str {
        const NAMES: [&str; 12] = [
            "januari",
            "februari",
            "mars",
            "april",
            "maj",
            "juni",
            "juli",
            "augusti",
            "september",
            "oktober",
            "november",
            "december",
        ];
        NAMES[usize::from(self.month) - 1]
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// What a figure can concern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// One month, `2024-08`.
    Month(Month),
    /// January up to the end of tertial 1, 2 or 3 — accumulated, `2024T2`.
    Tertial {
        /// Calendar year (a region's financial year by law).
        year: i16,
        /// 1, 2 or 3.
        number: u8,
    },
    /// A whole year, `2024`. Not the same thing as `2024T3`: yearly measures have no tertials.
    Year(i16),
}

impl Period {
    /// Reads `2024T2`, `2024-08` or `2024`.
    pub fn parse(text: &str) -> Option<Period> {
        if let Some(month) = Month::parse(text) {
            return Some(Period::Month(month));
        }
        let year: i16 = text.get(..4)?.parse().ok()?;
        Month::new(year, 1)?;
        match &text[4..] {
            "" => Some(Period::Year(year)),
            "T1" => Some(Period::Tertial { year, number: 1 }),
            "T2" => Some(Period::Tertial { year, number: 2 }),
            "T3" => Some(Period::Tertial { year, number: 3 }),
            _ => None,
        }
    }

    /// First month covered.
    pub fn first_month(self) -> Month {
        match self {
            Period::Month(month) => month,
            Period::Tertial { year, .. } | Period::Year(year) => Month { year, month: 1 },
        }
    }

    /// Last month covered.
    pub fn last_month(self) -> Month {
        match self {
            Period::Month(month) => month,
            Period::Tertial { year, number } => Month { year, month: number * 4 },
            Period::Year(year) => Month { year, month: 12 },
        }
    }

    /// Every month covered, in order.
    pub fn months(self) -> impl Iterator<Item = Month> {
        let (mut next, last) = (self.first_month(), self.last_month());
        std::iter::from_fn(move || {
            (next <= last).then(|| {
                let current = next;
                next = next.plus(1);
                current
            })
        })
    }

    /// The same months one year earlier: what growth is measured against.
    pub fn previous_year(self) -> Period {
        match self {
            Period::Month(month) => Period::Month(month.plus(-12)),
            Period::Tertial { year, number } => Period::Tertial { year: year - 1, number },
            Period::Year(year) => Period::Year(year - 1),
        }
    }

    /// The calendar year.
    pub fn year(self) -> i16 {
        self.first_month().year()
    }

    /// `januari–augusti 2024`, `augusti 2024`, `2024`.
    pub fn label(self) -> String {
        match self {
            Period::Month(month) => format!("{} {}", month.label(), month.year()),
            Period::Tertial { year, .. } => {
                format!("januari–{} {year}", self.last_month().label())
            }
            Period::Year(year) => year.to_string(),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Period::Month(month) => month.fmt(f),
            Period::Tertial { year, number } => write!(f, "{year}T{number}"),
            Period::Year(year) => year.fmt(f),
        }
    }
}

macro_rules! as_text {
    ($type:ty, $expected:literal) => {
        impl Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                <$type>::parse(&text).ok_or_else(|| {
                    serde::de::Error::custom(format!(concat!("`{}` is not ", $expected), text))
                })
            }
        }
        impl std::str::FromStr for $type {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                <$type>::parse(text)
                    .ok_or_else(|| format!(concat!("`{}` is not ", $expected), text))
            }
        }
    };
}
as_text!(Month, "a month such as `2024-08`");
as_text!(Period, "a period such as `2024T2`, `2024-08` or `2024`");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tertial_accumulates_from_january() {
        let months: Vec<String> =
            Period::parse("2024T2").unwrap().months().map(|m| m.to_string()).collect();
        assert_eq!(months.first().unwrap(), "2024-01");
        assert_eq!(months.last().unwrap(), "2024-08");
        assert_eq!(months.len(), 8);
    }

    #[test]
    fn what_is_written_reads_back() {
        for text in ["2024T1", "2024T3", "2024-12", "1999"] {
            assert_eq!(Period::parse(text).unwrap().to_string(), text);
        }
        for text in ["2024T4", "2024-13", "24", "2024T", "åååå", "2024-1", "20245M", "２０２４"]
        {
            assert_eq!(Period::parse(text), None, "{text}");
        }
    }

    #[test]
    fn months_pass_new_year_both_ways() {
        let january = Month::parse("2024-01").unwrap();
        assert_eq!(january.plus(-1).to_string(), "2023-12");
        assert_eq!(january.plus(12).to_string(), "2025-01");
    }
}
