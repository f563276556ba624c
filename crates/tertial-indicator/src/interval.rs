//! How sure is a share, a count, a rate, a standardised rate: confidence intervals.
//!
//! Shares by Wilson; counts by Byar from ten and exactly (chi-square) below; directly standardised
//! rates by Dobson on the interval of the total count, withheld below a total of ten; indirect
//! ratios on the interval of the observed count. Complete counts of one's own staff have no
//! sampling interval: use variation over time there. Comparing units is [`crate::funnel`]'s work.

use crate::numeric::{chi_square_quantile, normal_multiplier};
use crate::series::Silence;

/// Version of the methods.
pub const VERSION: u32 = 1;

/// What may be set.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Confidence level, 0.95.
    pub level: f64,
    /// Counts below this get the exact interval, others Byar's.
    pub exact_below: f64,
    /// Total counts below this withhold a directly standardised rate.
    pub standardised_from: f64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { level: 0.95, exact_below: 10.0, standardised_from: 10.0 }
    }
}

/// An estimate with its limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The estimate.
    pub value: f64,
    /// Lower limit.
    pub low: f64,
    /// Upper limit.
    pub high: f64,
}

impl Interval {
    /// All three times a factor, 100 for per cent.
    pub fn times(self, factor: f64) -> Interval {
        Interval { value: self.value * factor, low: self.low * factor, high: self.high * factor }
    }
}

/// A share `numerator / denominator` with Wilson's interval.
pub fn wilson(numerator: f64, denominator: f64, level: f64) -> Result<Interval, Silence> {
    if !(denominator >= 1.0 && denominator.is_finite()) {
        return Err(Silence::new("andel kräver en nämnare på minst 1"));
    }
    if !(0.0..=denominator).contains(&numerator) {
        return Err(Silence::new("täljaren ligger utanför 0 till nämnaren"));
    }
    let z = normal_multiplier(level);
    let share = numerator / denominator;
    let root = z * (z * z + 4.0 * numerator * (1.0 - share)).sqrt();
    let middle = 2.0 * numerator + z * z;
    let width = 2.0 * (denominator + z * z);
    let low = ((middle - root) / width).max(0.0);
    // All of them: the formula gives 1, its floats a hair less.
    let high = if numerator == denominator { 1.0 } else { ((middle + root) / width).min(1.0) };
    Ok(Interval { value: share, low, high })
}

/// A count with Byar's interval; the lower limit is 0 where the formula falls below it.
pub fn byar(count: f64, level: f64) -> Interval {
    let z = normal_multiplier(level);
    let cube =
        |x: f64, sign: f64| x * (1.0 - 1.0 / (9.0 * x) + sign * z / (3.0 * x.sqrt())).powi(3);
    let low = if count > 0.0 { cube(count, -1.0).max(0.0) } else { 0.0 };
    Interval { value: count, low, high: cube(count + 1.0, 1.0) }
}

/// A count with its exact Poisson interval.
pub fn exact(count: f64, level: f64) -> Interval {
    let tail = (1.0 - level) / 2.0;
    let low = if count > 0.0 { chi_square_quantile(2.0 * count, tail) / 2.0 } else { 0.0 };
    let high = chi_square_quantile(2.0 * count + 2.0, 1.0 - tail) / 2.0;
    Interval { value: count, low, high }
}

/// A count: exact below the settings' limit, Byar from it.
pub fn count(count: f64, settings: &Settings) -> Result<Interval, Silence> {
    if !(count >= 0.0 && count.is_finite()) {
        return Err(Silence::new("antalet är inte ett tal från 0 och uppåt"));
    }
    Ok(if count < settings.exact_below {
        exact(count, settings.level)
    } else {
        byar(count, settings.level)
    })
}

/// A rate `numerator / denominator`, the denominator taken as known.
pub fn rate(numerator: f64, denominator: f64, settings: &Settings) -> Result<Interval, Silence> {
    if !(denominator > 0.0 && denominator.is_finite()) {
        return Err(Silence::new("nämnaren är inte över 0"));
    }
    Ok(count(numerator, settings)?.times(1.0 / denominator))
}

/// One age group (or other stratum).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stratum {
    /// Events.
    pub count: f64,
    /// Persons among whom they happened.
    pub population: f64,
    /// Weight in the standard population, for the direct method; events per person in the
    /// reference, for the indirect one.
    pub standard: f64,
}

/// Directly standardised rate per person: Σ w·(x/n) / Σ w, with Dobson's interval.
pub fn direct(strata: &[Stratum], settings: &Settings) -> Result<Interval, Silence> {
    sound(strata)?;
    let total: f64 = strata.iter().map(|stratum| stratum.count).sum();
    if total < settings.standardised_from {
        return Err(Silence::new(format!(
            "för få händelser för åldersstandardisering: {total} av {}",
            settings.standardised_from
        )));
    }
    let weights: f64 = strata.iter().map(|stratum| stratum.standard).sum();
    if weights <= 0.0 {
        return Err(Silence::new("standardbefolkningen är tom"));
    }
    let sum = |term: fn(&Stratum) -> f64| strata.iter().map(term).sum::<f64>();
    let value = sum(|s| s.standard * s.count / s.population) / weights;
    let variance = sum(|s| (s.standard / s.population).powi(2) * s.count) / (weights * weights);
    let counted = count(total, settings)?;
    let scale = (variance / total).sqrt();
    Ok(Interval {
        value,
        low: value + scale * (counted.low - total),
        high: value + scale * (counted.high - total),
    })
}

/// Indirectly standardised ratio: observed / expected. Two units' ratios may not be compared.
pub fn indirect(strata: &[Stratum], settings: &Settings) -> Result<Interval, Silence> {
    sound(strata)?;
    let observed: f64 = strata.iter().map(|stratum| stratum.count).sum();
    rate(observed, expected(strata), settings)
}

/// Events expected if every stratum had the reference's rate.
pub fn expected(strata: &[Stratum]) -> f64 {
    strata.iter().map(|stratum| stratum.population * stratum.standard).sum()
}

fn sound(strata: &[Stratum]) -> Result<(), Silence> {
    let is_sound = |s: &Stratum| {
        let numbers = [s.count, s.population, s.standard];
        s.population > 0.0 && numbers.iter().all(|number| number.is_finite() && *number >= 0.0)
    };
    if strata.is_empty() || !strata.iter().all(is_sound) {
        return Err(Silence::new("en åldersgrupp saknar befolkning eller har ett negativt tal"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{close, number, spc};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const LEVELS: [(f64, &str, &str); 2] =
        [(0.95, "lower95_0cl", "upper95_0cl"), (0.998, "lower99_8cl", "upper99_8cl")];

    fn at(level: f64) -> Settings {
        Settings { level, ..Settings::default() }
    }

    #[test]
    fn wilson_and_byar_agree_with_the_published_table() {
        let Some(rows) = spc("phe_byars_wilson") else { return };
        for row in rows {
            let level = if row["confidence"] == "95%" { 0.95 } else { 0.998 };
            let x = number(&row, "x").unwrap();
            let found = match number(&row, "n") {
                Some(n) => wilson(x, n, level).unwrap(),
                None => byar(x, level),
            };
            if let Some(low) = number(&row, "lowercl") {
                close(found.low, low, 1e-9);
            }
            close(found.high, number(&row, "uppercl").unwrap(), 1e-9);
        }
    }

    #[test]
    fn shares_and_rates_agree_with_the_published_tables() {
        for (file, is_share) in [("phe_proportion", true), ("phe_rate", false)] {
            let Some(rows) = spc(file) else { return };
            let mut compared = 0;
            for row in rows {
                let (n, d) = (number(&row, "Numerator"), number(&row, "Denominator"));
                let (Some(n), Some(d)) = (n, d) else { continue };
                let multiplier = number(&row, "multiplier").unwrap();
                for (level, low, high) in LEVELS {
                    let found = if is_share { wilson(n, d, level) } else { rate(n, d, &at(level)) };
                    let found = found.unwrap().times(multiplier);
                    close(found.value, number(&row, "value").unwrap(), 1e-9);
                    close(found.low, number(&row, low).unwrap(), 1e-9);
                    close(found.high, number(&row, high).unwrap(), 1e-9);
                    compared += 1;
                }
            }
            assert!(compared >= 32, "{file}: {compared}");
        }
    }

    /// Counts and populations of each area, in age order.
    fn areas() -> Option<BTreeMap<String, Vec<(f64, f64)>>> {
        let mut areas: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
        for row in spc("phe_standardise_input")? {
            let pair = (number(&row, "count").unwrap_or(0.0), number(&row, "pop").unwrap());
            areas.entry(row["area"].clone()).or_default().push(pair);
        }
        for row in spc("phe_dsr_esp1976_input")? {
            let pair = (number(&row, "count").unwrap(), number(&row, "pop").unwrap());
            areas.entry("testdata_1976".to_owned()).or_default().push(pair);
        }
        Some(areas)
    }

    fn strata(pairs: &[(f64, f64)], standard: &[f64]) -> Vec<Stratum> {
        assert_eq!(pairs.len(), standard.len());
        let stratum = |((count, population), standard): (&(f64, f64), &f64)| Stratum {
            count: *count,
            population: *population,
            standard: *standard,
        };
        pairs.iter().zip(standard).map(stratum).collect()
    }

    fn column(file: &str, heading: &str) -> Vec<f64> {
        spc(file).unwrap().iter().map(|row| number(row, heading).unwrap()).collect()
    }

    #[test]
    fn direct_standardisation_agrees_with_the_published_table() {
        let (Some(areas), Some(expected)) = (areas(), spc("phe_dsr_expected")) else { return };
        let (new, old) = (column("esp2013", "stdpop"), column("phe_dsr_esp1976_input", "esp1976"));
        let mut compared = 0;
        for row in expected {
            // The rows for events that are not independent need inputs that are not at hand.
            let Some(pairs) = areas.get(&row["area"]) else { continue };
            let is_old = row["area"] == "testdata_1976";
            let strata = strata(pairs, if is_old { &old } else { &new });
            let per = if row["statistic"].ends_with("100000") { 1e5 } else { 1e4 };
            for (level, low, high) in LEVELS {
                let Some(value) = number(&row, "value") else {
                    let reason = direct(&strata, &at(level)).unwrap_err().reason;
                    assert_eq!(reason, "för få händelser för åldersstandardisering: 9 av 10");
                    continue;
                };
                // The source's 99.8 % limits of this area are ten times too large.
                let fault = if is_old && level > 0.99 { 10.0 } else { 1.0 };
                let found = direct(&strata, &at(level)).unwrap().times(per);
                close(found.value, value, 1e-9);
                close(found.low, number(&row, low).unwrap() / fault, 1e-9);
                close(found.high, number(&row, high).unwrap() / fault, 1e-9);
                compared += 1;
            }
        }
        assert_eq!(compared, 12);
    }

    #[test]
    fn indirect_standardisation_agrees_with_the_published_table() {
        let (Some(areas), Some(table)) = (areas(), spc("phe_isr_expected")) else { return };
        let (events, persons) =
            (column("phe_isr_reference", "refcount"), column("phe_isr_reference", "refpop"));
        let rates: Vec<f64> = events.iter().zip(&persons).map(|(e, p)| e / p).collect();
        let mut compared = 0;
        for row in table.iter().filter(|row| row["area"].starts_with("testdata")) {
            let strata = strata(&areas[&row["area"]], &rates);
            close(expected(&strata), number(row, "expected").unwrap(), 1e-9);
            let reference: f64 = events.iter().sum::<f64>() / persons.iter().sum::<f64>();
            let per = if row["statistic"].contains("100000") {
                1e5 * reference
            } else if row["statistic"].ends_with("rate per 1000") {
                1e3 * reference
            } else if row["statistic"].ends_with("x 100") {
                100.0
            } else {
                1.0
            };
            for (level, low, high) in LEVELS {
                let found = indirect(&strata, &at(level)).unwrap().times(per);
                close(found.value, number(row, "value").unwrap(), 1e-9);
                close(found.low, number(row, low).unwrap(), 1e-9);
                close(found.high, number(row, high).unwrap(), 1e-9);
                compared += 1;
            }
        }
        assert_eq!(compared, 24);
    }

    #[test]
    fn what_cannot_be_a_share_is_refused() {
        assert!(wilson(1.0, 0.0, 0.95).is_err());
        assert!(wilson(3.0, 2.0, 0.95).is_err());
        assert!(wilson(f64::NAN, 2.0, 0.95).is_err());
        assert!(rate(-1.0, 2.0, &Settings::default()).is_err());
        assert!(direct(&[], &Settings::default()).is_err());
        let all = wilson(10.0, 10.0, 0.95).unwrap();
        assert_eq!(all.high, 1.0);
    }

    proptest! {
        #[test]
        fn limits_hold_the_estimate(n in 1u32..5000, part in 0.0f64..=1.0, level in 0.5f64..0.999) {
            let x = (f64::from(n) * part).floor();
            for found in [wilson(x, n.into(), level).unwrap(), byar(x, level), exact(x, level)] {
                prop_assert!(found.low <= found.value + 1e-9 && found.value <= found.high + 1e-9);
            }
        }
    }
}
