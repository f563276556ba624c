//! Where does the year end? A full-year forecast with interval and back-tested error.
//!
//! Version 1. Default is the share of the year: how large a part of earlier years lay in the months
//! known, on the logarithmic scale, with a t-interval (the smallest and largest share would cover
//! far too seldom). Results that may cross zero are additive: what came in the rest of earlier
//! years, or the budget for the rest. Below three complete years: this year so far and last year's
//! rest, marked weak. A straight line is offered for comparison only, never chosen.
//!
//! The back-test moves the origin year by year, at the same month, knowing only what came before.
//! Errors are scaled by the changes from year to year that were known at the time (MASE); a method
//! above 1 is worse than repeating last year and gives way to last year's rest.

use crate::numeric::{mean, standard_deviation, student_quantile};
use crate::series::Silence;
use std::collections::BTreeMap;
use tertial_model::Month;

/// Name of the rule.
pub const RULE: &str = "helarsprognos";
/// Version of the rule.
pub const VERSION: u32 = 1;

/// What may be set.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Level of the interval.
    pub level: f64,
    /// Fewest complete years.
    pub minimum_years: usize,
    /// How many of the latest complete years are used.
    pub years_used: usize,
    /// How the years' shares are averaged.
    pub share_mean: ShareMean,
    /// Fewest years back-tested before the naive method may take over.
    pub minimum_tested: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            level: 0.80,
            minimum_years: 3,
            years_used: 3,
            share_mean: ShareMean::Logarithmic,
            minimum_tested: 3,
        }
    }
}

/// How the years' shares are averaged; the interval is logarithmic either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShareMean {
    /// Mean of the logarithms: the middle of the interval.
    Logarithmic,
    /// Plain mean of the shares.
    Arithmetic,
}

/// How a forecast is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// This year so far divided by the usual share.
    ShareOfYear,
    /// This year so far plus the mean of earlier years' rest.
    Additive,
    /// This year so far plus last year's rest.
    LastYearsRest,
    /// This year so far plus last year's rest times this year's growth.
    LastYearsRestWithGrowth,
    /// This year so far, stretched over twelve months.
    StraightLine,
}

impl Method {
    /// In Swedish.
    pub fn words(self) -> &'static str {
        match self {
            Method::ShareOfYear => "andel av året",
            Method::Additive => "utfall plus tidigare års återstod",
            Method::LastYearsRest => "utfall plus fjolårets återstod",
            Method::LastYearsRestWithGrowth => "utfall plus fjolårets återstod med årets tillväxt",
            Method::StraightLine => "rak framskrivning",
        }
    }
}

/// A forecast of one year.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// How it was made.
    pub method: Method,
    /// The year's total.
    pub value: f64,
    /// Lower and upper limit; none for methods without one.
    pub interval: Option<(f64, f64)>,
    /// This year so far.
    pub so_far: f64,
    /// Complete years behind it.
    pub years: usize,
}

/// How a method has done.
#[derive(Debug, Clone, PartialEq)]
pub struct BackTest {
    /// Every year tested: the year, the forecast and what came.
    pub years: Vec<(i16, Forecast, f64)>,
    /// Mean error without sign, in the unit.
    pub mean_error: f64,
    /// The same as a percentage of the outcome; none when an outcome is zero.
    pub mean_percent_error: Option<f64>,
    /// Mean error scaled by the changes from year to year; below 1 beats repeating last year.
    pub mase: f64,
    /// How many years fell inside the interval; none without intervals.
    pub covered: Option<usize>,
}

/// What the report prints.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// The forecast.
    pub forecast: Forecast,
    /// How its method has done; none when there is too little to test on.
    pub test: Option<BackTest>,
    /// Whether it is weak: too few years, or worse than repeating last year.
    pub is_weak: bool,
    /// What a reader should know, in Swedish.
    pub notes: Vec<String>,
}

/// Monthly values of complete and running years: amounts, or parts of a ratio. A ratio over several
/// months is the ratio of the sums, never a mean of ratios.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    months: BTreeMap<Month, Part>,
    factor: f64,
}

/// What one month gives.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Part {
    numerator: f64,
    denominator: Option<f64>,
}

impl History {
    /// Collects months; a month given twice keeps the later value.
    pub fn new(months: impl IntoIterator<Item = (Month, f64)>) -> History {
        let part = |(month, numerator)| (month, Part { numerator, denominator: None });
        History { months: months.into_iter().map(part).collect(), factor: 1.0 }
    }

    /// Collects numerators and denominators; a value is their sums' ratio times `factor`.
    pub fn of_ratios(months: impl IntoIterator<Item = (Month, f64, f64)>, factor: f64) -> History {
        let part = |(month, numerator, denominator)| {
            (month, Part { numerator, denominator: Some(denominator) })
        };
        History { months: months.into_iter().map(part).collect(), factor }
    }

    /// The first `count` months together; none when one is missing.
    fn first(&self, year: i16, count: u8) -> Option<f64> {
        let months: Option<Vec<Part>> =
            (1..=count).map(|month| self.months.get(&Month::new(year, month)?).copied()).collect();
        let months = months?;
        let numerator: f64 = months.iter().map(|part| part.numerator).sum();
        let denominators: Option<Vec<f64>> = months.iter().map(|part| part.denominator).collect();
        match denominators {
            None => Some(numerator),
            Some(parts) => {
                let denominator: f64 = parts.iter().sum();
                (denominator > 0.0).then(|| numerator / denominator * self.factor)
            }
        }
    }

    fn years(&self) -> Vec<i16> {
        let mut years: Vec<i16> = self.months.keys().map(|month| month.year()).collect();
        years.dedup();
        years
    }

    /// Year to date and total of the latest complete years before `year`, oldest first.
    fn complete_before(&self, year: i16, known: u8, at_most: usize) -> Vec<(f64, f64)> {
        let mut found = Vec::new();
        for earlier in self.years().into_iter().rev().filter(|earlier| *earlier < year) {
            if found.len() == at_most {
                break;
            }
            if let (Some(so_far), Some(total)) =
                (self.first(earlier, known), self.first(earlier, 12))
            {
                found.push((so_far, total));
            }
        }
        found.reverse();
        found
    }
}

/// Forecasts a year from its first `known` months with one method.
pub fn forecast(
    history: &History,
    year: i16,
    known: u8,
    method: Method,
    settings: &Settings,
) -> Result<Forecast, Silence> {
    if !(1..=11).contains(&known) {
        return Err(Silence::new("helårsprognos görs efter 1 till 11 månader"));
    }
    let so_far = history.first(year, known);
    let so_far = so_far.ok_or_else(|| Silence::new("en månad saknas i årets utfall"))?;
    let last_year = || {
        let earlier = history.first(year - 1, known).zip(history.first(year - 1, 12));
        earlier.ok_or_else(|| Silence::new("en månad saknas i föregående år"))
    };
    let made = |value: f64, interval, years| Forecast { method, value, interval, so_far, years };
    match method {
        Method::StraightLine => Ok(made(so_far * 12.0 / f64::from(known), None, 0)),
        Method::LastYearsRest => {
            let (before, total) = last_year()?;
            Ok(made(so_far + total - before, None, 1))
        }
        Method::LastYearsRestWithGrowth => {
            let (before, total) = last_year()?;
            if before <= 0.0 {
                return Err(Silence::new("tillväxt kan inte räknas från noll eller minus"));
            }
            Ok(made(so_far + (total - before) * so_far / before, None, 1))
        }
        Method::ShareOfYear | Method::Additive => {
            let years = history.complete_before(year, known, settings.years_used);
            if years.len() < settings.minimum_years.max(2) {
                let (found, needed) = (years.len(), settings.minimum_years.max(2));
                return Err(Silence::new(format!("för få hela år: {found} av {needed}")));
            }
            if method == Method::ShareOfYear {
                share_of_year(so_far, &years, settings, made)
            } else {
                let rests: Vec<f64> = years.iter().map(|(before, total)| total - before).collect();
                let reach = reach(&rests, settings);
                let value = so_far + mean(&rests);
                Ok(made(value, Some((value - reach, value + reach)), years.len()))
            }
        }
    }
}

fn share_of_year(
    so_far: f64,
    years: &[(f64, f64)],
    settings: &Settings,
    made: impl Fn(f64, Option<(f64, f64)>, usize) -> Forecast,
) -> Result<Forecast, Silence> {
    if so_far <= 0.0 || years.iter().any(|(before, total)| *before <= 0.0 || *total <= 0.0) {
        return Err(Silence::new("andel av året kräver värden över noll"));
    }
    let shares: Vec<f64> = years.iter().map(|(before, total)| (before / total).ln()).collect();
    let (usual, reach) = (mean(&shares), reach(&shares, settings));
    let interval = (so_far / (usual + reach).exp(), so_far / (usual - reach).exp());
    let share = match settings.share_mean {
        ShareMean::Logarithmic => usual.exp(),
        ShareMean::Arithmetic => mean(&shares.iter().map(|share| share.exp()).collect::<Vec<_>>()),
    };
    Ok(made(so_far / share, Some(interval), years.len()))
}

/// Half the width of a prediction interval for one more value like these.
fn reach(values: &[f64], settings: &Settings) -> f64 {
    let count = values.len() as f64;
    let t = student_quantile(count - 1.0, 0.5 + settings.level / 2.0);
    t * standard_deviation(values) * (1.0 + 1.0 / count).sqrt()
}

/// This year so far plus the budget of the remaining months; the interval from how far earlier
/// years' rest lay from their budget.
pub fn with_budget(
    so_far: f64,
    budget_rest: f64,
    earlier_deviations: &[f64],
    settings: &Settings,
) -> Forecast {
    let value = so_far + budget_rest;
    let enough = earlier_deviations.len() >= settings.minimum_years.max(2);
    let interval = enough.then(|| {
        let reach = reach(earlier_deviations, settings);
        (value - reach, value + reach)
    });
    let years = earlier_deviations.len();
    Forecast { method: Method::Additive, value, interval, so_far, years }
}

/// Tests a method on every complete year that has what it needs before it.
pub fn back_test(
    history: &History,
    before: i16,
    known: u8,
    method: Method,
    settings: &Settings,
) -> Result<BackTest, Silence> {
    let (mut years, mut scaled) = (Vec::new(), Vec::new());
    for year in history.years().into_iter().filter(|year| *year < before) {
        let Some(actual) = history.first(year, 12) else { continue };
        let Ok(made) = forecast(history, year, known, method, settings) else { continue };
        let Some(scale) = usual_change(history, year) else { continue };
        scaled.push((made.value - actual).abs() / scale);
        years.push((year, made, actual));
    }
    if years.is_empty() {
        return Err(Silence::new("för få hela år för att pröva metoden bakåt"));
    }
    let errors: Vec<f64> =
        years.iter().map(|(_, made, actual)| (made.value - actual).abs()).collect();
    let percents: Option<Vec<f64>> = years
        .iter()
        .zip(&errors)
        .map(|((_, _, actual), error)| (*actual != 0.0).then(|| error / actual.abs() * 100.0))
        .collect();
    let inside = |made: &Forecast, actual: f64| {
        made.interval.map(|(low, high)| (low..=high).contains(&actual))
    };
    let covered: Option<Vec<bool>> =
        years.iter().map(|(_, made, actual)| inside(made, *actual)).collect();
    Ok(BackTest {
        mean_error: mean(&errors),
        mean_percent_error: percents.map(|percents| mean(&percents)),
        mase: mean(&scaled),
        covered: covered.map(|covered| covered.iter().filter(|hit| **hit).count()),
        years,
    })
}

/// Mean change of the total from year to year, known before `year`.
fn usual_change(history: &History, year: i16) -> Option<f64> {
    let changes: Vec<f64> = history
        .years()
        .into_iter()
        .filter(|later| *later < year)
        .filter_map(|later| Some((history.first(later, 12)? - history.first(later - 1, 12)?).abs()))
        .collect();
    let usual = mean(&changes);
    (usual > 0.0).then_some(usual)
}

/// The house's choice: the share of the year (additive when values may cross zero), unless it is
/// untestable for lack of years or has done worse than repeating last year.
pub fn choose(
    history: &History,
    year: i16,
    known: u8,
    may_cross_zero: bool,
    settings: &Settings,
) -> Result<Chosen, Silence> {
    let method = if may_cross_zero { Method::Additive } else { Method::ShareOfYear };
    let mut notes = vec![format!("regel {RULE}, version {VERSION}")];
    let test_of = |method| back_test(history, year, known, method, settings).ok();
    let naive = |notes: Vec<String>| {
        let forecast = forecast(history, year, known, Method::LastYearsRest, settings)?;
        Ok(Chosen { forecast, test: test_of(Method::LastYearsRest), is_weak: true, notes })
    };
    let made = match forecast(history, year, known, method, settings) {
        Ok(made) => made,
        Err(silence) => {
            notes.push(format!("svag prognos, {}: {silence}", Method::LastYearsRest.words()));
            return naive(notes);
        }
    };
    let test = test_of(method);
    let tested = test.as_ref().filter(|test| test.years.len() >= settings.minimum_tested);
    if let Some(test) = tested.filter(|test| test.mase > 1.0) {
        let mase = tertial_model::swedish::float(test.mase, 2);
        notes.push(format!(
            "{} har haft större fel än att upprepa fjolåret (MASE {mase}); {} visas i stället",
            method.words(),
            Method::LastYearsRest.words()
        ));
        return naive(notes);
    }
    match &test {
        Some(test) => notes.push(format!(
            "prövad bakåt på {} år: intervallet ({} %) höll {} gånger",
            test.years.len(),
            tertial_model::swedish::float(settings.level * 100.0, 0),
            test.covered.unwrap_or(0)
        )),
        None => notes.push("metoden har inte kunnat prövas bakåt".to_owned()),
    }
    Ok(Chosen { forecast: made, test, is_weak: false, notes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{close, number, spc};
    use proptest::prelude::*;

    fn passengers() -> Option<History> {
        let rows = spc("airpassengers")?;
        Some(History::new(rows.iter().map(|row| {
            (Month::parse(&row["month"]).unwrap(), number(row, "passengers_thousand").unwrap())
        })))
    }

    #[test]
    fn four_methods_agree_with_the_table() {
        let (Some(history), Some(rows)) = (passengers(), spc("ytd_forecast_expected")) else {
            return;
        };
        for row in rows {
            let method = match row["method"].as_str() {
                "share_of_year_3y" => Method::ShareOfYear,
                "ytd_plus_last_years_rest" => Method::LastYearsRest,
                "ytd_plus_rest_times_growth" => Method::LastYearsRestWithGrowth,
                "straight_line" => Method::StraightLine,
                other => panic!("unknown method {other}"),
            };
            let (year, known) =
                (row["year"].parse().unwrap(), row["months_known"].parse().unwrap());
            // The table averages the shares plainly; the house's mean moves it by a tenth of a per cent.
            let plain = Settings { share_mean: ShareMean::Arithmetic, ..Settings::default() };
            let expected = number(&row, "forecast").unwrap();
            close(forecast(&history, year, known, method, &plain).unwrap().value, expected, 1e-7);
            let made = forecast(&history, year, known, method, &Settings::default()).unwrap();
            close(made.value, expected, 1e-3);
            close(made.so_far, number(&row, "ytd").unwrap(), 0.0);
            if let Some((low, high)) = made.interval {
                // The t-interval is wider than the smallest and largest share.
                assert!(low < number(&row, "low_from_share_spread").unwrap());
                assert!(high > number(&row, "high_from_share_spread").unwrap());
            }
        }
    }

    #[test]
    fn the_back_test_tells_the_known_errors_and_coverage() {
        let Some(history) = passengers() else { return };
        let test =
            |known, method| back_test(&history, 1961, known, method, &Settings::default()).unwrap();
        let percent = |known, method| {
            let test = test(known, method);
            let years = test.years.iter().filter(|(year, ..)| *year >= 1952);
            let errors: Vec<f64> =
                years.map(|(_, made, actual)| (made.value / actual - 1.0).abs() * 100.0).collect();
            assert_eq!(errors.len(), 9);
            (mean(&errors) * 10.0).round() / 10.0
        };
        assert_eq!(percent(8, Method::ShareOfYear), 0.8);
        assert_eq!(percent(4, Method::ShareOfYear), 2.0);
        assert_eq!(percent(8, Method::LastYearsRestWithGrowth), 1.1);
        assert_eq!(percent(4, Method::LastYearsRestWithGrowth), 2.2);
        assert_eq!(percent(8, Method::StraightLine), 2.6);
        assert_eq!(percent(4, Method::StraightLine), 9.7);
        assert_eq!(percent(8, Method::LastYearsRest), 3.3);
        assert_eq!(percent(4, Method::LastYearsRest), 7.7);
        assert_eq!(test(4, Method::ShareOfYear).covered, Some(6));
        assert_eq!(test(8, Method::ShareOfYear).covered, Some(8));
        assert!(test(8, Method::ShareOfYear).mase < 0.2);
        assert!(test(4, Method::StraightLine).mase > test(8, Method::ShareOfYear).mase);
    }

    #[test]
    fn the_choice_is_tested_and_says_so() {
        let Some(history) = passengers() else { return };
        let chosen = choose(&history, 1960, 8, false, &Settings::default()).unwrap();
        assert_eq!(chosen.forecast.method, Method::ShareOfYear);
        assert!(!chosen.is_weak);
        assert_eq!(
            chosen.notes,
            [
                "regel helarsprognos, version 1",
                "prövad bakåt på 8 år: intervallet (80 %) höll 7 gånger"
            ]
        );
    }

    fn years(totals: &[(i16, [f64; 12])]) -> History {
        History::new(totals.iter().flat_map(|(year, months)| {
            (1u8..).zip(months).map(|(month, value)| (Month::new(*year, month).unwrap(), *value))
        }))
    }

    #[test]
    fn few_years_give_a_weak_forecast_with_its_reason() {
        let history = years(&[(2022, [1.0; 12]), (2023, [2.0; 12]), (2024, [3.0; 12])]);
        let chosen = choose(&history, 2024, 8, false, &Settings::default()).unwrap();
        assert!(chosen.is_weak);
        close(chosen.forecast.value, 3.0 * 8.0 + 2.0 * 4.0, 1e-12);
        assert_eq!(
            chosen.notes[1],
            "svag prognos, utfall plus fjolårets återstod: för få hela år: 2 av 3"
        );
        let reason = choose(&history, 2025, 8, false, &Settings::default()).unwrap_err().reason;
        assert_eq!(reason, "en månad saknas i årets utfall");
        assert!(choose(&history, 2024, 12, false, &Settings::default()).is_err());
    }

    #[test]
    fn a_method_worse_than_last_year_gives_way() {
        // All of the year in its first or in its last month, in turn: the share tells nothing.
        let months = |early: bool| {
            let mut months = [1.0; 12];
            months[if early { 0 } else { 11 }] = 100.0;
            months
        };
        let history: Vec<(i16, [f64; 12])> =
            (2015..=2024).map(|year| (year, months(year % 2 == 0))).collect();
        let mut history = history;
        history[3].1[5] = 3.0;
        let chosen = choose(&years(&history), 2024, 4, false, &Settings::default()).unwrap();
        assert!(chosen.is_weak);
        assert_eq!(chosen.forecast.method, Method::LastYearsRest);
        assert!(chosen.notes[1].contains("har haft större fel än att upprepa fjolåret"));
    }

    #[test]
    fn a_ratio_is_forecast_from_summed_parts() {
        // The second half of each year is twice as heavy and its share twice as high.
        let months = (2021..=2024).flat_map(|year| {
            (1..=12).map(move |month| {
                let weight = if month > 6 { 2.0 } else { 1.0 };
                (Month::new(year, month).unwrap(), weight * weight * 5.0, weight * 100.0)
            })
        });
        let history = History::of_ratios(months, 100.0);
        let settings = Settings::default();
        let made = forecast(&history, 2024, 6, Method::ShareOfYear, &settings).unwrap();
        close(made.so_far, 5.0, 1e-12);
        close(made.value, 25.0 / 3.0, 1e-9);
    }

    #[test]
    fn results_that_cross_zero_are_additive() {
        let history =
            years(&[(2021, [-1.0; 12]), (2022, [2.0; 12]), (2023, [-1.0; 12]), (2024, [4.0; 12])]);
        let settings = Settings::default();
        assert!(forecast(&history, 2024, 8, Method::ShareOfYear, &settings).is_err());
        let made = forecast(&history, 2024, 8, Method::Additive, &settings).unwrap();
        close(made.value, 32.0, 1e-12);
        let (low, high) = made.interval.unwrap();
        let reach = student_quantile(2.0, 0.9) * 48.0_f64.sqrt() * (4.0_f64 / 3.0).sqrt();
        close(high - made.value, reach, 1e-12);
        close(made.value - low, reach, 1e-12);
        let budgeted = with_budget(32.0, 10.0, &[1.0, -1.0, 0.0], &settings);
        close(budgeted.value, 42.0, 1e-12);
        assert!(budgeted.interval.is_some());
        assert_eq!(with_budget(32.0, 10.0, &[1.0], &settings).interval, None);
    }

    proptest! {
        #[test]
        fn a_constant_pattern_is_forecast_exactly(pattern in prop::collection::vec(1.0f64..50.0, 12), known in 1u8..=11) {
            let months: [f64; 12] = pattern.try_into().unwrap();
            let scaled = |factor: f64| months.map(|value| value * factor);
            let history = years(&[(2021, scaled(1.0)), (2022, scaled(1.5)), (2023, scaled(0.7)), (2024, scaled(2.0))]);
            let made = forecast(&history, 2024, known, Method::ShareOfYear, &Settings::default()).unwrap();
            close(made.value, scaled(2.0).iter().sum(), 1e-9);
            let (low, high) = made.interval.unwrap();
            prop_assert!(low <= made.value + 1e-9 && made.value <= high + 1e-9);
        }
    }
}
