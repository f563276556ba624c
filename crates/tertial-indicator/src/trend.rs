//! Does it rise or fall? Mann–Kendall with Theil–Sen's slope, in words, never an arrow alone.
//!
//! Version 1. S is the number of rising pairs less the number of falling ones; its p-value is exact
//! for short series without ties and normal with the tie correction otherwise. With a season, S and
//! its variance are summed over months and the slope is taken between the same months. At least
//! five points (of the same season) are needed: four can never be significant. Cumulative and
//! rolling series are refused, and nothing reaches across a break. *Ingen säker trend* never means
//! *oförändrad*: with five points most drifts stay undetected.

use crate::definition::Direction;
use crate::numeric::{lag_one_autocorrelation, median, normal_multiplier, normal_two_sided};
use crate::series::{Point, Series, Silence, position, season};
use tertial_model::Period;

/// Name of the rule.
pub const RULE: &str = "trend";
/// Version of the rule.
pub const VERSION: u32 = 1;

/// What may be set.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Two-sided significance level.
    pub significance: f64,
    /// Fewest points, of each season when there is one.
    pub minimum_points: usize,
    /// Longest series without ties whose p-value is exact.
    pub exact_up_to: usize,
    /// Whether the months of a year are tested each by itself.
    pub seasonal: bool,
    /// Lag-1 autocorrelation above which a warning is given.
    pub autocorrelation_limit: f64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            significance: 0.05,
            minimum_points: 5,
            exact_up_to: 10,
            seasonal: false,
            autocorrelation_limit: 0.3,
        }
    }
}

/// The test's numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MannKendall {
    /// Rising pairs less falling pairs.
    pub s: i64,
    /// Variance of S when nothing happens.
    pub variance: f64,
    /// Normal score with continuity correction.
    pub z: f64,
    /// Two-sided p-value.
    pub p: f64,
    /// Whether the p-value is exact.
    pub is_exact: bool,
    /// S as a share of all pairs (Kendall's tau-a).
    pub tau: f64,
}

/// Rises, falls, or nothing certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Significantly rising.
    Increasing,
    /// Significantly falling.
    Decreasing,
    /// Neither is shown.
    NoCertainTrend,
}

impl Verdict {
    /// `ökar`, `minskar`, `ingen säker trend`.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Increasing => "ökar",
            Verdict::Decreasing => "minskar",
            Verdict::NoCertainTrend => "ingen säker trend",
        }
    }

    /// `bättre` or `sämre`, where there is a trend and a direction.
    pub fn judgement(self, direction: Direction) -> Option<&'static str> {
        match (self, direction) {
            (Verdict::NoCertainTrend, _) | (_, Direction::None) => None,
            (Verdict::Increasing, Direction::Higher) => Some("bättre"),
            (Verdict::Decreasing, Direction::Lower) => Some("bättre"),
            _ => Some("sämre"),
        }
    }
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Trend {
    /// Rises, falls, or nothing certain.
    pub verdict: Verdict,
    /// The test.
    pub test: MannKendall,
    /// Slope per year, in the indicator's unit (percentage points for shares).
    pub slope_per_year: f64,
    /// Its interval; only with a significant trend.
    pub slope_interval: Option<(f64, f64)>,
    /// How many points were used.
    pub points: usize,
    /// First and last period used.
    pub span: (Period, Period),
    /// What a reader should know, in Swedish.
    pub notes: Vec<String>,
}

/// Judges a series, or says why not.
pub fn judge(series: &Series, settings: &Settings) -> Result<Trend, Silence> {
    series.independent()?;
    if settings.seasonal {
        series.each_month()?;
    }
    let (points, is_cut) = series.after_last_break();
    let seasons = seasons(points, settings)?;
    let fewest = seasons.iter().map(|season| season.len()).min().unwrap_or(0);
    if fewest < settings.minimum_points {
        let reason = if settings.seasonal {
            format!("för få mätpunkter av samma månad: {fewest} av {}", settings.minimum_points)
        } else {
            Silence::too_few(fewest, settings.minimum_points).reason
        };
        let after = if is_cut { " efter tidsseriebrottet" } else { "" };
        return Err(Silence::new(format!("{reason}{after}")));
    }
    let test = test(&seasons, settings);
    let mut slopes = slopes(&seasons);
    let slope_per_year = median(&mut slopes);
    let verdict = match test.s {
        _ if test.p >= settings.significance => Verdict::NoCertainTrend,
        s if s > 0 => Verdict::Increasing,
        _ => Verdict::Decreasing,
    };
    let is_significant = verdict != Verdict::NoCertainTrend;
    let slope_interval =
        is_significant.then(|| slope_limits(&slopes, test.variance, settings.significance));
    Ok(Trend {
        verdict,
        test,
        slope_per_year,
        slope_interval,
        points: points.len(),
        span: (points[0].period, points[points.len() - 1].period),
        notes: notes(points, is_cut, settings),
    })
}

/// The points per season; one group without seasons.
fn seasons(points: &[Point], settings: &Settings) -> Result<Vec<Vec<Point>>, Silence> {
    if !settings.seasonal {
        return Ok(vec![points.to_vec()]);
    }
    let mut months: Vec<Vec<Point>> = vec![Vec::new(); 12];
    for point in points {
        let Some(month) = season(point.period) else {
            return Err(Silence::new("säsong kräver månadsvärden"));
        };
        months[usize::from(month) - 1].push(*point);
    }
    months.retain(|month| !month.is_empty());
    Ok(months)
}

fn test(seasons: &[Vec<Point>], settings: &Settings) -> MannKendall {
    let values: Vec<Vec<f64>> =
        seasons.iter().map(|points| points.iter().map(|point| point.value).collect()).collect();
    let whole: Vec<&[f64]> = values.iter().map(Vec::as_slice).collect();
    mann_kendall(&whole, settings.exact_up_to)
}

/// The test over one or more seasons; exact for one season of at most `exact_up_to` values
/// without ties.
pub fn mann_kendall(seasons: &[&[f64]], exact_up_to: usize) -> MannKendall {
    let (mut s, mut variance, mut pairs, mut has_ties) = (0i64, 0.0, 0.0, false);
    for values in seasons {
        for (index, early) in values.iter().enumerate() {
            s += values[index + 1..].iter().map(|late| sign(late - early)).sum::<i64>();
        }
        let n = values.len() as f64;
        pairs += n * (n - 1.0) / 2.0;
        variance += spread(n);
        for tied in ties(values) {
            has_ties = true;
            variance -= spread(tied as f64);
        }
    }
    variance /= 18.0;
    let z = if s == 0 || variance <= 0.0 { 0.0 } else { (s - s.signum()) as f64 / variance.sqrt() };
    let is_exact = seasons.len() == 1 && !has_ties && seasons[0].len() <= exact_up_to.min(20);
    let p = if is_exact { exact_p(seasons[0].len(), s) } else { normal_two_sided(z) };
    MannKendall {
        s,
        variance,
        z,
        p,
        is_exact,
        tau: if pairs > 0.0 { s as f64 / pairs } else { 0.0 },
    }
}

fn spread(n: f64) -> f64 {
    n * (n - 1.0) * (2.0 * n + 5.0)
}

fn sign(difference: f64) -> i64 {
    i64::from(difference > 0.0) - i64::from(difference < 0.0)
}

/// Sizes of the groups of equal values.
fn ties(values: &[f64]) -> Vec<usize> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let sizes = sorted.chunk_by(|a, b| a == b).map(<[f64]>::len);
    sizes.filter(|size| *size > 1).collect()
}

/// Two-sided probability of an S as far from zero, among all orders of `n` different values.
fn exact_p(n: usize, s: i64) -> f64 {
    // Orders by their number of falling pairs: inserting the k-th value adds 0..k−1 of them.
    let mut orders = vec![1u64];
    for size in 2..=n {
        let mut next = vec![0u64; orders.len() + size - 1];
        for (inversions, count) in orders.iter().enumerate() {
            for more in 0..size {
                next[inversions + more] += count;
            }
        }
        orders = next;
    }
    let pairs = (n * n.saturating_sub(1) / 2) as i64;
    let all: u64 = orders.iter().sum();
    let as_far = |inversions: usize| (pairs - 2 * inversions as i64).abs() >= s.abs();
    let extreme: u64 =
        orders.iter().enumerate().filter(|(i, _)| as_far(*i)).map(|(_, count)| count).sum();
    extreme as f64 / all as f64
}

/// Slopes per year between all pairs of the same season, with true distances.
fn slopes(seasons: &[Vec<Point>]) -> Vec<f64> {
    let mut slopes = Vec::new();
    for points in seasons {
        for (index, early) in points.iter().enumerate() {
            for late in &points[index + 1..] {
                let years = (position(late.period) - position(early.period)) as f64 / 12.0;
                slopes.push((late.value - early.value) / years);
            }
        }
    }
    slopes
}

/// Limits of the median slope from the variance of S; `slopes` sorted.
fn slope_limits(slopes: &[f64], variance: f64, significance: f64) -> (f64, f64) {
    let count = slopes.len() as f64;
    let reach = normal_multiplier(1.0 - significance) * variance.sqrt();
    let last = slopes.len() - 1;
    let low = ((count - reach) / 2.0 - 1.0).max(0.0).floor() as usize;
    let high = (((count + reach) / 2.0).ceil() as usize).min(last);
    (slopes[low.min(last)], slopes[high])
}

fn notes(points: &[Point], is_cut: bool, settings: &Settings) -> Vec<String> {
    let mut notes = Vec::new();
    if is_cut {
        notes
            .push(format!("bara värden efter tidsseriebrottet, från {}", points[0].period.label()));
    }
    let series = Series::plain(points.to_vec());
    let values = series.values();
    let parts: Vec<&[f64]> = series.stretches().into_iter().map(|part| &values[part]).collect();
    let correlation = lag_one_autocorrelation(&parts).filter(|_| points.len() >= 12);
    if correlation.is_some_and(|r| r > settings.autocorrelation_limit) && !settings.seasonal {
        notes.push("värden intill varandra hänger ihop; trenden kan vara ett falsklarm".to_owned());
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{close, number, spc};
    use proptest::prelude::*;
    use tertial_model::Month;

    fn years(values: &[f64]) -> Series {
        let point = |(i, value): (usize, &f64)| Point::new(Period::Year(2010 + i as i16), *value);
        Series::plain(values.iter().enumerate().map(point).collect())
    }

    /// The sample series as months from January 1980; missing months are not there.
    fn sample() -> Option<Series> {
        let start = Month::parse("1980-01").unwrap();
        let points = spc("mk_series")?.into_iter().filter_map(|row| {
            let index = number(&row, "index").unwrap() as i32;
            let value = number(&row, "value").filter(|value| value.is_finite())?;
            Some(Point::new(Period::Month(start.plus(index - 1)), value))
        });
        Some(Series::plain(points.collect()))
    }

    #[test]
    fn the_long_series_agrees_with_two_other_programs() {
        let (Some(series), Some(rows)) = (sample(), spc("mk_expected")) else { return };
        let at = |test: &str, heading: &str| {
            number(rows.iter().find(|row| row["test"] == test).unwrap(), heading).unwrap()
        };
        let plain = judge(&series, &Settings::default()).unwrap();
        assert_eq!(plain.points, 353);
        assert_eq!(plain.test.s as f64, at("original", "s"));
        close(plain.test.variance, at("original", "var_s"), 1e-9);
        close(plain.test.z, at("original", "z"), 1e-9);
        close(plain.test.p, at("original", "p"), 1e-9);
        close(plain.test.tau, at("original", "tau"), 1e-9);
        // Theirs is per month, ours per year.
        close(plain.slope_per_year / 12.0, at("sen_slope", "sen_slope"), 1e-9);
        assert_eq!(plain.verdict, Verdict::NoCertainTrend);
        assert_eq!(plain.slope_interval, None);

        let closed_up: Vec<f64> = series.values();
        let start = Month::parse("1980-01").unwrap();
        let closed_up = closed_up.iter().enumerate();
        let points = closed_up.map(|(i, v)| Point::new(Period::Month(start.plus(i as i32)), *v));
        let closed_up = judge(&Series::plain(points.collect()), &Settings::default()).unwrap();
        close(closed_up.slope_per_year / 12.0, at("original", "sen_slope"), 1e-9);

        let seasonal = Settings { seasonal: true, ..Settings::default() };
        let seasonal = judge(&series, &seasonal).unwrap();
        assert_eq!(seasonal.test.s as f64, at("seasonal_12", "s"));
        close(seasonal.test.variance, at("seasonal_12", "var_s"), 1e-9);
        close(seasonal.test.z, at("seasonal_12", "z"), 1e-9);
        close(seasonal.test.p, at("seasonal_12", "p"), 1e-9);
        close(seasonal.slope_per_year, at("seasonal_12", "sen_slope"), 1e-9);
        assert_eq!(seasonal.verdict, Verdict::Decreasing);
        assert_eq!(seasonal.verdict.judgement(Direction::Lower), Some("bättre"));
    }

    #[test]
    fn exact_probabilities_agree_with_the_table() {
        let Some(rows) = spc("mk_exact_p") else { return };
        for row in rows {
            let n = number(&row, "n").unwrap() as usize;
            let s = number(&row, "abs_s").unwrap() as i64;
            close(exact_p(n, s), number(&row, "p_exact_two_sided").unwrap(), 1e-8);
            close(exact_p(n, -s), exact_p(n, s), 0.0);
            let variance = spread(n as f64) / 18.0;
            let z = (s - s.signum()) as f64 / variance.sqrt();
            close(normal_two_sided(z), number(&row, "p_normal_two_sided").unwrap(), 1e-7);
        }
    }

    #[test]
    fn five_points_are_the_floor_and_must_be_monotone() {
        let four = judge(&years(&[1.0, 2.0, 3.0, 4.0]), &Settings::default()).unwrap_err();
        assert_eq!(four.reason, "för få mätpunkter: 4 av 5");
        let rising = judge(&years(&[1.0, 2.0, 3.0, 4.0, 6.0]), &Settings::default()).unwrap();
        assert_eq!(rising.verdict.word(), "ökar");
        assert!(rising.test.is_exact);
        close(rising.test.p, 2.0 / 120.0, 1e-12);
        close(rising.slope_per_year, 1.0, 1e-12);
        let (low, high) = rising.slope_interval.unwrap();
        assert!(low > 0.0 && low <= 1.0 && high >= 1.0);
        let nearly = judge(&years(&[1.0, 2.0, 4.0, 3.0, 6.0]), &Settings::default()).unwrap();
        assert_eq!(nearly.verdict.word(), "ingen säker trend");
        assert_eq!(nearly.verdict.judgement(Direction::Higher), None);
    }

    #[test]
    fn no_trend_is_drawn_through_a_break_or_over_rolling_values() {
        let mut series = years(&[9.0, 8.0, 7.0, 1.0, 2.0, 3.0, 4.0]);
        series.breaks = vec![Period::Year(2013)];
        let reason = judge(&series, &Settings::default()).unwrap_err().reason;
        assert_eq!(reason, "för få mätpunkter: 4 av 5 efter tidsseriebrottet");
        series.points.push(Point::new(Period::Year(2017), 5.0));
        let trend = judge(&series, &Settings::default()).unwrap();
        assert_eq!(trend.verdict, Verdict::Increasing);
        assert_eq!(trend.notes, ["bara värden efter tidsseriebrottet, från 2013"]);
        series.kind = crate::series::SeriesKind::Rolling;
        assert!(judge(&series, &Settings::default()).is_err());
    }

    #[test]
    fn four_years_of_months_are_too_few_for_the_seasonal_test() {
        let start = Month::parse("2020-01").unwrap();
        let points = (0..48).map(|i| Point::new(Period::Month(start.plus(i)), f64::from(i)));
        let settings = Settings { seasonal: true, ..Settings::default() };
        let reason = judge(&Series::plain(points.collect()), &settings).unwrap_err().reason;
        assert_eq!(reason, "för få mätpunkter av samma månad: 4 av 5");
    }

    #[test]
    fn constant_values_have_no_trend() {
        let trend = judge(&years(&[3.0; 8]), &Settings::default()).unwrap();
        assert_eq!((trend.verdict, trend.test.p), (Verdict::NoCertainTrend, 1.0));
        assert!(!trend.test.is_exact);
    }

    proptest! {
        #[test]
        fn turning_the_series_turns_the_answer(values in prop::collection::vec(-50i32..50, 5..30)) {
            let forward: Vec<f64> = values.iter().map(|v| f64::from(*v)).collect();
            let mirrored: Vec<f64> = forward.iter().map(|v| -v).collect();
            let (a, b) = (mann_kendall(&[&forward], 10), mann_kendall(&[&mirrored], 10));
            prop_assert_eq!(a.s, -b.s);
            prop_assert!((a.p - b.p).abs() < 1e-12 && (0.0..=1.0 + 1e-12).contains(&a.p));
        }
    }
}
