//! A series of values over time, and the reasons why a method may refuse it.
//!
//! Months and years are independent of each other; a tertial is January up to its end, so tertials
//! of different numbers overlap and are cumulative by their type. Rolling values overlap too.
//! On such series every rule about noise and trend gives false alarms, so they are refused.

use crate::numeric;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;
use tertial_model::Period;

/// Why a method says nothing, in Swedish, for the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// `för få mätpunkter: 4 av 5`.
    pub reason: String,
}

impl Silence {
    /// A silence with its reason.
    pub fn new(reason: impl Into<String>) -> Silence {
        Silence { reason: reason.into() }
    }

    /// `för få mätpunkter: 4 av 5`.
    pub fn too_few(found: usize, needed: usize) -> Silence {
        Silence::new(format!("för få mätpunkter: {found} av {needed}"))
    }
}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

/// How the values of a series relate to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SeriesKind {
    /// Each value stands for its own period.
    #[default]
    Plain,
    /// Values add up through the year, or are balances that carry what came before.
    Cumulative,
    /// Each value covers several periods back, such as twelve months.
    Rolling,
    /// Each value compares a period with another one, such as the same month a year before.
    Change,
}

/// One value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The period it concerns.
    pub period: Period,
    /// The value, in the indicator's unit.
    pub value: f64,
    /// The denominator behind it, where there is one.
    pub denominator: Option<f64>,
}

impl Point {
    /// A value without denominator.
    pub fn new(period: Period, value: f64) -> Point {
        Point { period, value, denominator: None }
    }
}

/// Values in order of time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// The points, earliest first, a period once; a missing period is simply not there.
    pub points: Vec<Point>,
    /// How the values relate to each other.
    pub kind: SeriesKind,
    /// First period of each new method: nothing is compared across it.
    pub breaks: Vec<Period>,
}

impl Series {
    /// A plain series without breaks.
    pub fn plain(points: Vec<Point>) -> Series {
        Series { points, kind: SeriesKind::Plain, breaks: Vec::new() }
    }

    /// The values.
    pub fn values(&self) -> Vec<f64> {
        self.points.iter().map(|point| point.value).collect()
    }

    /// Why no method about noise or trend may use the series; `Ok` when it may.
    pub fn independent(&self) -> Result<(), Silence> {
        match self.kind {
            SeriesKind::Cumulative => return Err(Silence::new("ackumulerade värden bedöms inte")),
            SeriesKind::Rolling => {
                return Err(Silence::new("rullande värden överlappar varandra och bedöms inte"));
            }
            SeriesKind::Change => {
                return Err(Silence::new(
                    "förändringstal delar underlag med den period de jämförs med och bedöms inte",
                ));
            }
            SeriesKind::Plain => {}
        }
        if self.points.iter().any(|point| !point.value.is_finite()) {
            return Err(Silence::new("serien har ett värde som inte är ett tal"));
        }
        let sort = |period: Period| match period {
            Period::Month(_) => 0,
            Period::Tertial { number, .. } => number,
            Period::Year(_) => 4,
        };
        for pair in self.points.windows(2) {
            let (early, late) = (pair[0].period, pair[1].period);
            if sort(early) != sort(late) {
                return Err(match (early, late) {
                    (Period::Tertial { .. }, Period::Tertial { .. }) => Silence::new(
                        "tertialvärden ackumuleras från januari; jämför samma tertial år för år",
                    ),
                    _ => Silence::new("serien blandar perioder av olika längd"),
                });
            }
            if position(early) >= position(late) {
                return Err(Silence::new("serien är inte i tidsordning"));
            }
        }
        Ok(())
    }

    /// Why the months are not measurements of their own; `Ok` when they are, and for other periods.
    ///
    /// A value that exists once a tertial, quarter, half-year or year may come as one month of each,
    /// or repeated for every month it covers. Neither says how much a month varies, so limits and
    /// trends by month are not drawn from it. Repeated means: every calendar span has one value, to a
    /// millionth, and the values change from span to span; parts that were spread over the months
    /// give the same share of each.
    pub fn each_month(&self) -> Result<(), Silence> {
        let is_month = |point: &Point| matches!(point.period, Period::Month(_));
        if !self.points.iter().all(is_month) {
            return Ok(());
        }
        let steps =
            || self.points.windows(2).map(|w| position(w[1].period) - position(w[0].period));
        let count = steps().count();
        if count >= 2 && steps().filter(|step| *step == 1).count() * 2 < count {
            return Err(Silence::new(format!(
                "serien är inte månadsvis: {} värden på {} månader",
                self.points.len(),
                steps().sum::<i64>() + 1
            )));
        }
        // Spans of the calendar, and how often the value must change to tell them from chance.
        let spans = [(12, "år", 1), (6, "halvår", 2), (4, "tertial", 2), (3, "kvartal", 2)];
        for (months, word, least) in spans {
            if self.is_repeated(months, least) {
                return Err(Silence::new(format!(
                    "månadsvärdena är ett värde per {word}, upprepat för varje månad"
                )));
            }
        }
        Ok(())
    }

    /// Whether each span of `months` months holds one value only, which changes `least` times or
    /// more between spans that have several months.
    fn is_repeated(&self, months: i64, least: usize) -> bool {
        let span = |point: &Point| position(point.period).div_euclid(months);
        let is_same = |a: f64, b: f64| (a - b).abs() <= 1e-6 * a.abs().max(b.abs());
        let mut held: Vec<f64> = Vec::new();
        for block in self.points.chunk_by(|a, b| span(a) == span(b)) {
            if block.iter().any(|point| !is_same(point.value, block[0].value)) {
                return false;
            }
            if block.len() > 1 {
                held.push(block[0].value);
            }
        }
        held.windows(2).filter(|pair| !is_same(pair[0], pair[1])).count() >= least
    }

    /// The ranges of points that follow each other without a hole: month upon month, and for
    /// tertials and years the same one year upon year.
    pub fn stretches(&self) -> Vec<Range<usize>> {
        let mut stretches = Vec::new();
        let mut start = 0;
        for end in 1..=self.points.len() {
            let pair = self.points.get(end).map(|next| (self.points[end - 1].period, next.period));
            if pair.is_none_or(|(early, late)| position(late) - position(early) > step(early)) {
                stretches.push(start..end);
                start = end;
            }
        }
        stretches
    }

    /// The periods between the first and the last point that have none.
    pub fn absent(&self) -> Vec<Period> {
        let mut absent = Vec::new();
        for pair in self.points.windows(2) {
            let (early, late) = (pair[0].period, pair[1].period);
            let mut next = following(early);
            while position(next) < position(late) {
                absent.push(next);
                next = following(next);
            }
        }
        absent
    }

    /// The part after the last break, and whether anything was left out.
    pub fn after_last_break(&self) -> (&[Point], bool) {
        let newest = self.breaks.iter().map(|period| position_start(*period)).max();
        let Some(newest) = newest else { return (&self.points, false) };
        let first = self.points.iter().position(|point| position_start(point.period) >= newest);
        let first = first.unwrap_or(self.points.len());
        (&self.points[first..], first > 0)
    }

    /// Whether the largest denominator is more than `factor` times the smallest.
    pub fn denominators_differ(&self, factor: f64) -> bool {
        let known = || self.points.iter().filter_map(|point| point.denominator);
        let smallest = known().fold(f64::INFINITY, f64::min);
        let largest = known().fold(0.0, f64::max);
        largest > factor * smallest
    }
}

/// Months from a period to the next one that stands beside it without overlap.
fn step(period: Period) -> i64 {
    match period {
        Period::Month(_) => 1,
        Period::Tertial { .. } | Period::Year(_) => 12,
    }
}

/// The next period of the same kind: the month after, or the same tertial or year a year later.
fn following(period: Period) -> Period {
    match period {
        Period::Month(month) => Period::Month(month.plus(1)),
        Period::Tertial { year, number } => Period::Tertial { year: year + 1, number },
        Period::Year(year) => Period::Year(year + 1),
    }
}

/// Periods in words, those that follow each other together: `2023-01, 2023-10 till 2023-12`.
pub fn in_words(periods: &[Period]) -> String {
    let together = periods.chunk_by(|early, late| following(*early) == *late);
    let words: Vec<String> = together
        .map(|run| match run {
            [first, .., last] => format!("{first} till {last}"),
            _ => run.iter().map(Period::to_string).collect(),
        })
        .collect();
    words.join(", ")
}

/// Months from a fixed start to the period's last month.
pub fn position(period: Period) -> i64 {
    let month = period.last_month();
    i64::from(month.year()) * 12 + i64::from(month.month()) - 1
}

fn position_start(period: Period) -> i64 {
    let month = period.first_month();
    i64::from(month.year()) * 12 + i64::from(month.month()) - 1
}

/// The calendar month of a month, 1–12; none for other periods.
pub fn season(period: Period) -> Option<u8> {
    match period {
        Period::Month(month) => Some(month.month()),
        _ => None,
    }
}

/// Values freed of their calendar: what each month departs from its own year is averaged over the
/// complete years and subtracted. Needs `years` complete years of months.
pub fn without_season(points: &[Point], years: usize) -> Result<Vec<f64>, Silence> {
    if points.iter().any(|point| season(point.period).is_none()) {
        return Err(Silence::new("säsong kan bara tas bort ur månadsvärden"));
    }
    let mut departures: [Vec<f64>; 12] = Default::default();
    let mut complete = 0;
    for year in points.chunk_by(|a, b| a.period.year() == b.period.year()) {
        if year.len() == 12 {
            complete += 1;
            let level = numeric::mean(&year.iter().map(|p| p.value).collect::<Vec<_>>());
            for (month, point) in departures.iter_mut().zip(year) {
                month.push(point.value - level);
            }
        }
    }
    if complete < years {
        return Err(Silence::new(format!(
            "för få hela år för säsongsrensning: {complete} av {years}"
        )));
    }
    let effect = |point: &Point| {
        let month = season(point.period).map_or(0, |month| usize::from(month) - 1);
        numeric::mean(&departures[month])
    };
    Ok(points.iter().map(|point| point.value - effect(point)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tertial_model::Month;

    fn series(periods: &[&str]) -> Series {
        let point = |text: &&str| Point::new(Period::parse(text).unwrap(), 1.0);
        Series::plain(periods.iter().map(point).collect())
    }

    #[test]
    fn overlapping_and_disordered_series_are_refused() {
        assert_eq!(series(&["2023T2", "2024T2"]).independent(), Ok(()));
        let reason = |periods: &[&str]| series(periods).independent().unwrap_err().reason;
        assert_eq!(
            reason(&["2024T1", "2024T2"]),
            "tertialvärden ackumuleras från januari; jämför samma tertial år för år"
        );
        assert_eq!(reason(&["2024-01", "2025"]), "serien blandar perioder av olika längd");
        assert_eq!(reason(&["2024-02", "2024-01"]), "serien är inte i tidsordning");
        let rolling = Series { kind: SeriesKind::Rolling, ..series(&["2024-01"]) };
        assert!(rolling.independent().is_err());
    }

    #[test]
    fn a_hole_parts_the_series_and_is_named() {
        let holed = series(&["2022-12", "2023-02", "2023-03", "2023-07"]);
        assert_eq!(holed.stretches(), [0..1, 1..3, 3..4]);
        assert_eq!(in_words(&holed.absent()), "2023-01, 2023-04 till 2023-06");
        let tertials = series(&["2020T2", "2021T2", "2024T2"]);
        assert_eq!(tertials.stretches(), [0..2, 2..3]);
        assert_eq!(in_words(&tertials.absent()), "2022T2 till 2023T2");
        assert_eq!(series(&[]).stretches(), Vec::<Range<usize>>::new());
        assert!(series(&["2024-01", "2024-02"]).absent().is_empty());
    }

    #[test]
    fn values_that_are_one_per_span_are_no_months() {
        let start = Month::parse("2022-01").unwrap();
        let every = |months: i32, count: i32| {
            let value = |at: i32| f64::from((at / months) * 7 % 5);
            let point = |at: i32| Point {
                denominator: Some(40.0),
                ..Point::new(Period::Month(start.plus(at)), value(at))
            };
            Series::plain((0..count).map(point).collect())
        };
        for (months, word) in [(12, "år"), (6, "halvår"), (4, "tertial"), (3, "kvartal")] {
            let reason = every(months, 28).each_month().unwrap_err().reason;
            assert_eq!(
                reason,
                format!("månadsvärdena är ett värde per {word}, upprepat för varje månad")
            );
        }
        assert_eq!(every(1, 28).each_month(), Ok(()));
        // One month of each tertial is no series of months either.
        let mut sparse = every(1, 28);
        sparse.points.retain(|point| point.period.last_month().month() % 4 == 0);
        let reason = sparse.each_month().unwrap_err().reason;
        assert_eq!(reason, "serien är inte månadsvis: 7 värden på 25 månader");
        // Nothing that happens but once, and a level that never moves, are months all the same.
        let mut calm = every(100, 28);
        assert_eq!(calm.each_month(), Ok(()));
        calm.points[27].value = 1.0;
        assert_eq!(calm.each_month(), Ok(()));
        // Parts spread over the months give one share with many denominators, rounded in the öre.
        let mut spread = every(4, 28);
        for (at, point) in spread.points.iter_mut().enumerate() {
            point.denominator = Some(40.0 + at as f64);
            point.value *= 1.0 + at as f64 * 1e-9;
        }
        assert!(spread.each_month().unwrap_err().reason.contains("ett värde per tertial"));
        for (at, point) in spread.points.iter_mut().enumerate() {
            point.value += at as f64 * 1e-3;
        }
        assert_eq!(spread.each_month(), Ok(()));
        assert_eq!(series(&["2021", "2024"]).each_month(), Ok(()));
    }

    #[test]
    fn only_what_follows_the_last_break_counts() {
        let mut series = series(&["2021", "2022", "2023"]);
        series.breaks = vec![Period::parse("2022-01").unwrap()];
        let (points, cut) = series.after_last_break();
        assert_eq!((points.len(), cut), (2, true));
    }

    #[test]
    fn a_pure_season_vanishes_and_a_level_stays() {
        let start = Month::parse("2020-01").unwrap();
        let value = |i: i32| f64::from(i % 12) + if i >= 24 { 100.0 } else { 0.0 };
        let points: Vec<Point> =
            (0..36).map(|i| Point::new(Period::Month(start.plus(i)), value(i))).collect();
        let freed = without_season(&points, 3).unwrap();
        assert!(freed[..24].iter().all(|v| (v - 5.5).abs() < 1e-9));
        assert!(freed[24..].iter().all(|v| (v - 105.5).abs() < 1e-9));
        let reason = without_season(&points[1..], 3).unwrap_err().reason;
        assert_eq!(reason, "för få hela år för säsongsrensning: 2 av 3");
    }
}
