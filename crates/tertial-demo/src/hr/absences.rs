//! Absence period by period, as the payroll keeps it: from, to, cause and extent.
//!
//! The periods are the spells behind the worked time. A long spell is two periods that meet, since a
//! doctor's certificate is renewed; a period that goes on when the file is taken out has no end, and
//! the periods of a spell that crosses a new year stand in both years' files.

use super::plan::Plan;
use super::sickness::{month_days, spells};
use super::staff::{Employment, FIRST_YEAR};
use crate::random::Random;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use std::ops::Range;

/// One period of absence. Days are counted from the first month's first day; the last one is in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Absence {
    pub cause: &'static str,
    pub first_day: i64,
    pub last_day: i64,
    pub extent_pct: i64,
    /// Last day of the whole spell, of which this may be a part.
    pub spell_end: i64,
}

/// Days of a certificate before it is renewed.
const CERTIFICATE: i64 = 30;
/// Spells longer than this are certified anew.
const RENEWED: i64 = 60;

/// The calendar of the staff tables.
pub(super) struct Calendar {
    months: Vec<Range<i64>>,
}

impl Calendar {
    pub(super) fn new(plan: &Plan) -> Calendar {
        Calendar { months: month_days(plan.months.len()) }
    }

    /// First and last day of the months, both in them.
    pub(super) fn days(&self, months: &Range<usize>) -> (i64, i64) {
        (self.months[months.start].start, self.months[months.end - 1].end - 1)
    }

    /// The date of a day.
    pub(super) fn date(&self, day: i64) -> Date {
        // Some thousand days around the first year: always within the calendar.
        date(FIRST_YEAR as i16, 1, 1).saturating_add(day.days())
    }

    /// Everything that kept one employment away, in order.
    pub(super) fn absences(&self, plan: &Plan, employment: &Employment, seed: u64) -> Vec<Absence> {
        let (from, to) = self.days(&(employment.first..employment.end));
        let mut absences = Vec::new();
        for spell in spells(plan, employment, &self.months, seed) {
            let spell_end = (spell.first_day + spell.days - 1).min(to);
            let sick = |cause, first_day, last_day| Absence {
                cause,
                first_day,
                last_day,
                extent_pct: (spell.extent * 100.0).round() as i64,
                spell_end,
            };
            let renewal = spell.first_day + CERTIFICATE;
            if spell.days > RENEWED && renewal <= spell_end {
                absences.push(sick("Sjukdom", spell.first_day, renewal - 1));
                let cause = if spell.extent < 1.0 { "Rehabilitering" } else { "Sjukdom" };
                absences.push(sick(cause, renewal, spell_end));
            } else {
                absences.push(sick("Sjukdom", spell.first_day, spell_end));
            }
        }
        let mut random = Random::stream(seed, &["hr", "children", &employment.number]);
        let mut day = from;
        while day <= to {
            day += 40 + random.below(700) as i64;
            let last_day = (day + random.below(3) as i64).min(to);
            if day <= to {
                absences.push(Absence {
                    cause: "Vård av barn",
                    first_day: day,
                    last_day,
                    extent_pct: 100,
                    spell_end: last_day,
                });
            }
        }
        absences.sort_by_key(|absence| (absence.first_day, absence.cause));
        absences
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates() {
        let calendar = Calendar { months: month_days(24) };
        assert_eq!(calendar.date(0), date(2020, 1, 1));
        assert_eq!(calendar.date(-1), date(2019, 12, 31));
        assert_eq!(calendar.days(&(0..12)), (0, 365));
        assert_eq!(calendar.date(365), date(2020, 12, 31));
    }
}
