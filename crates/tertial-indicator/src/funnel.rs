//! Do units differ more than chance? A funnel, never a ranking.
//!
//! The line is the region's own total. Shares get score limits, p ± z·√(p(1 − p)/n): a unit lies
//! outside exactly when its Wilson interval misses the total. Counts against expected counts get
//! exact Poisson limits. Overdispersion (Spiegelhalter): z per unit, a tenth at each end winsorised,
//! φ = mean z²; above 1 the limits widen by √(s² + τ²). Where the variation is far from binomial,
//! such as hours of sick leave, limits are drawn with overdispersion or not at all.

use crate::interval::exact;
use crate::numeric::{normal_multiplier, quantile_sorted};
use crate::series::Silence;

/// Version of the method.
pub const VERSION: u32 = 1;

/// What may be set.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Levels of the inner and outer limits.
    pub levels: [f64; 2],
    /// Fewest units.
    pub minimum_units: usize,
    /// Smallest expected count of a unit.
    pub minimum_expected: f64,
    /// Share winsorised at each end before the overdispersion is worked out.
    pub winsorised: f64,
    /// Whether limits are widened for overdispersion.
    pub overdispersion: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            levels: [0.95, 0.998],
            minimum_units: 10,
            minimum_expected: 5.0,
            winsorised: 0.10,
            overdispersion: true,
        }
    }
}

/// One unit: events among persons (share), or observed among expected (ratio).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    /// Events, or observed count.
    pub numerator: f64,
    /// Persons, or expected count.
    pub denominator: f64,
}

/// What may be said of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Below the outer limit.
    MuchLower,
    /// Below the inner limit.
    Lower,
    /// Inside.
    AsExpected,
    /// Above the inner limit.
    Higher,
    /// Above the outer limit.
    MuchHigher,
}

impl Verdict {
    /// The word for the reader; never a rank.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::MuchLower => "mycket lägre än väntat",
            Verdict::Lower => "lägre än väntat",
            Verdict::AsExpected => "som väntat",
            Verdict::Higher => "högre än väntat",
            Verdict::MuchHigher => "mycket högre än väntat",
        }
    }

    fn of(value: f64, inner: (f64, f64), outer: (f64, f64)) -> Verdict {
        if value < outer.0 {
            Verdict::MuchLower
        } else if value > outer.1 {
            Verdict::MuchHigher
        } else if value < inner.0 {
            Verdict::Lower
        } else if value > inner.1 {
            Verdict::Higher
        } else {
            Verdict::AsExpected
        }
    }
}

/// Limits at one denominator.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Lower and upper inner limit.
    pub inner: (f64, f64),
    /// Lower and upper outer limit.
    pub outer: (f64, f64),
}

/// A drawn funnel.
#[derive(Debug, Clone, PartialEq)]
pub struct Funnel {
    /// The region's total: the line.
    pub total: f64,
    /// Overdispersion ratio φ of the units.
    pub phi: f64,
    /// Added variance τ² between units, on the scale the limits are worked out on.
    pub tau_squared: f64,
    /// Limits per unit, in the order given.
    pub limits: Vec<Limits>,
    /// Verdict per unit, in the order given.
    pub verdicts: Vec<Verdict>,
}

/// A funnel of shares.
pub fn shares(units: &[Unit], settings: &Settings) -> Result<Funnel, Silence> {
    let numerators: f64 = units.iter().map(|unit| unit.numerator).sum();
    let denominators: f64 = units.iter().map(|unit| unit.denominator).sum();
    let total = numerators / denominators;
    let least = units.iter().map(|u| u.denominator * total).fold(f64::INFINITY, f64::min);
    enough(units, least, settings)?;
    if !(total > 0.0 && total < 1.0) || units.iter().any(|u| u.numerator > u.denominator) {
        return Err(Silence::new("andelarna saknar spridning eller ligger utanför 0–100 %"));
    }
    let error = |unit: &Unit| (total * (1.0 - total) / unit.denominator).sqrt();
    let errors: Vec<f64> = units.iter().map(error).collect();
    let scores = units.iter().zip(&errors).map(|(u, s)| (u.numerator / u.denominator - total) / s);
    let (phi, tau_squared) = overdispersion(scores.collect(), &errors, settings);
    let limits: Vec<Limits> =
        units.iter().map(|u| share_limits(total, u.denominator, tau_squared, settings)).collect();
    let verdicts = units
        .iter()
        .zip(&limits)
        .map(|(unit, at)| Verdict::of(unit.numerator / unit.denominator, at.inner, at.outer));
    Ok(Funnel { total, phi, tau_squared, verdicts: verdicts.collect(), limits })
}

/// Limits of a share at any denominator, for drawing the funnel.
pub fn share_limits(total: f64, denominator: f64, tau_squared: f64, settings: &Settings) -> Limits {
    let spread = (total * (1.0 - total) / denominator + tau_squared).sqrt();
    let at = |level: f64| {
        let reach = normal_multiplier(level) * spread;
        ((total - reach).max(0.0), (total + reach).min(1.0))
    };
    Limits { inner: at(settings.levels[0]), outer: at(settings.levels[1]) }
}

/// A funnel of observed against expected counts (indirect standardisation), around 1.
/// Overdispersion is worked out on the square-root scale, where the variance does not depend on
/// the level; without it the limits are exact.
pub fn ratios(units: &[Unit], settings: &Settings) -> Result<Funnel, Silence> {
    let least = units.iter().map(|unit| unit.denominator).fold(f64::INFINITY, f64::min);
    enough(units, least, settings)?;
    let errors: Vec<f64> = units.iter().map(|unit| 0.5 / unit.denominator.sqrt()).collect();
    let root = |unit: &Unit| (unit.numerator / unit.denominator).sqrt();
    let scores = units.iter().zip(&errors).map(|(unit, s)| (root(unit) - 1.0) / s);
    let (phi, tau_squared) = overdispersion(scores.collect(), &errors, settings);
    let mut limits = Vec::with_capacity(units.len());
    let mut verdicts = Vec::with_capacity(units.len());
    for unit in units {
        let widened = ratio_limits(unit.denominator, tau_squared, settings);
        let ratio = unit.numerator / unit.denominator;
        verdicts.push(if tau_squared > 0.0 {
            Verdict::of(ratio, widened.inner, widened.outer)
        } else {
            ratio_verdict(unit.numerator, unit.denominator, settings)
        });
        limits.push(widened);
    }
    Ok(Funnel { total: 1.0, phi, tau_squared, limits, verdicts })
}

/// Limits of observed / expected at an expected count, on the square-root scale.
pub fn ratio_limits(expected: f64, tau_squared: f64, settings: &Settings) -> Limits {
    let spread = (0.25 / expected + tau_squared).sqrt();
    let at = |level: f64| {
        let reach = normal_multiplier(level) * spread;
        ((1.0 - reach).max(0.0).powi(2), (1.0 + reach).powi(2))
    };
    Limits { inner: at(settings.levels[0]), outer: at(settings.levels[1]) }
}

/// The exact verdict on one observed count: does its Poisson interval hold the expected count?
pub fn ratio_verdict(observed: f64, expected: f64, settings: &Settings) -> Verdict {
    let [inner, outer] = settings.levels.map(|level| exact(observed, level));
    if expected > outer.high {
        Verdict::MuchLower
    } else if expected < outer.low {
        Verdict::MuchHigher
    } else if expected > inner.high {
        Verdict::Lower
    } else if expected < inner.low {
        Verdict::Higher
    } else {
        Verdict::AsExpected
    }
}

/// The expected counts at which an observed count lies on the limits: `(lower limit of the funnel,
/// upper limit)`. Observed ÷ expected are the limits' heights there.
pub fn ratio_curve(observed: f64, level: f64) -> (f64, f64) {
    let interval = exact(observed, level);
    (interval.high, interval.low)
}

fn enough(units: &[Unit], least_expected: f64, settings: &Settings) -> Result<(), Silence> {
    let is_sound = |u: &Unit| u.numerator >= 0.0 && u.numerator.is_finite() && u.denominator > 0.0;
    if units.len() < settings.minimum_units {
        let (found, needed) = (units.len(), settings.minimum_units);
        return Err(Silence::new(format!("för få enheter: {found} av {needed}")));
    }
    if !units.iter().all(is_sound) {
        return Err(Silence::new("en enhet saknar nämnare eller har ett negativt tal"));
    }
    if least_expected < settings.minimum_expected {
        return Err(Silence::new(format!(
            "för få väntade händelser i minsta enheten: under {}",
            settings.minimum_expected
        )));
    }
    Ok(())
}

/// φ and τ² from the units' scores and standard errors.
fn overdispersion(mut scores: Vec<f64>, errors: &[f64], settings: &Settings) -> (f64, f64) {
    scores.sort_by(f64::total_cmp);
    let low = quantile_sorted(&scores, settings.winsorised);
    let high = quantile_sorted(&scores, 1.0 - settings.winsorised);
    let count = scores.len() as f64;
    let phi = scores.iter().map(|z| z.clamp(low, high).powi(2)).sum::<f64>() / count;
    if !settings.overdispersion || phi <= 1.0 {
        return (phi, 0.0);
    }
    let weights: Vec<f64> = errors.iter().map(|s| 1.0 / (s * s)).collect();
    let sum: f64 = weights.iter().sum();
    let squares: f64 = weights.iter().map(|w| w * w).sum();
    (phi, ((count * phi - (count - 1.0)) / (sum - squares / sum)).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{close, number, spc};

    fn without_overdispersion() -> Settings {
        Settings { levels: [0.95, 0.998], overdispersion: false, ..Settings::default() }
    }

    fn judged(word: &str) -> Verdict {
        match word {
            "High (0.001)" => Verdict::MuchHigher,
            "High (0.025)" => Verdict::Higher,
            "Low (0.001)" => Verdict::MuchLower,
            "Low (0.025)" => Verdict::Lower,
            "Not significant" => Verdict::AsExpected,
            other => panic!("unknown significance {other}"),
        }
    }

    #[test]
    fn share_limits_agree_with_the_published_table() {
        let Some(rows) = spc("phe_funnel_prop_outputs") else { return };
        for row in rows {
            let at = |heading: &str| number(&row, heading).unwrap();
            let limits = share_limits(
                at("Baseline") / 100.0,
                at("Population"),
                0.0,
                &without_overdispersion(),
            );
            close(limits.inner.0 * 100.0, at("Lower2s0025limit"), 1e-6);
            close(limits.inner.1 * 100.0, at("Upper2s0025limit"), 1e-6);
            close(limits.outer.0 * 100.0, at("Lower3s0001limit"), 1e-6);
            close(limits.outer.1 * 100.0, at("Upper3s0001limit"), 1e-6);
        }
    }

    fn verdicts(file: &str, of: &str, among: &str) -> Option<(Vec<Unit>, Vec<Verdict>)> {
        let rows = spc(file)?;
        let unit = |row: &crate::samples::Row| Unit {
            numerator: number(row, of).unwrap(),
            denominator: number(row, among).unwrap(),
        };
        let expected = rows.iter().map(|row| judged(&row["significance"])).collect();
        Some((rows.iter().map(unit).collect(), expected))
    }

    #[test]
    fn shares_are_judged_as_published() {
        let Some((units, expected)) =
            verdicts("phe_funnel_prop_inputs", "numerator", "denominator")
        else {
            return;
        };
        let funnel = shares(&units, &without_overdispersion()).unwrap();
        assert_eq!(funnel.verdicts, expected);
        assert!(funnel.phi > 10.0, "{}", funnel.phi);
        let widened = shares(&units, &Settings::default()).unwrap();
        let outside =
            |funnel: &Funnel| funnel.verdicts.iter().filter(|v| **v != Verdict::AsExpected).count();
        assert!(outside(&widened) * 4 < outside(&funnel));
    }

    #[test]
    fn ratios_are_judged_as_published() {
        let Some((units, expected)) = verdicts("phe_funnel_ratio_inputs", "obs", "expected") else {
            return;
        };
        for (unit, expected) in units.iter().zip(expected) {
            let found = ratio_verdict(unit.numerator, unit.denominator, &without_overdispersion());
            assert_eq!(found, expected, "{unit:?}");
        }
    }

    #[test]
    fn ratio_curves_agree_with_the_published_table() {
        let Some(rows) = spc("phe_funnel_ratio_outputs") else { return };
        for row in rows {
            let at = |heading: &str| number(&row, heading).unwrap();
            let observed = at("Observed_events");
            // The source searched its limits to about five digits.
            for (level, name) in [(0.95, "2s"), (0.998, "3s")] {
                let (low, high) = ratio_curve(observed, level);
                close(low, at(&format!("lower_{name}_exp_events")), 1e-4);
                close(high, at(&format!("upper_{name}_exp_events")), 1e-4);
                let ratio = at(&format!("lower_{name}_isr"));
                close(observed / low * 100.0, ratio, 1e-4);
            }
        }
    }

    #[test]
    fn small_material_is_refused_with_its_reason() {
        let units = vec![Unit { numerator: 2.0, denominator: 100.0 }; 9];
        let reason = |units: &[Unit]| shares(units, &Settings::default()).unwrap_err().reason;
        assert_eq!(reason(&units), "för få enheter: 9 av 10");
        let units = vec![Unit { numerator: 2.0, denominator: 100.0 }; 12];
        assert_eq!(reason(&units), "för få väntade händelser i minsta enheten: under 5");
        let mut units = vec![Unit { numerator: 20.0, denominator: 100.0 }; 12];
        units[3].denominator = 0.0;
        assert_eq!(reason(&units), "en enhet saknar nämnare eller har ett negativt tal");
        let units = vec![Unit { numerator: 20.0, denominator: 20.0 }; 12];
        assert!(reason(&units).starts_with("andelarna saknar spridning"));
    }

    #[test]
    fn overdispersed_ratios_are_widened() {
        let observed = [2.0, 30.0, 5.0, 22.0, 1.0, 18.0, 40.0, 3.0, 12.0, 9.0, 28.0];
        let units: Vec<Unit> =
            observed.iter().map(|o| Unit { numerator: *o, denominator: 15.0 }).collect();
        let wide = ratios(&units, &Settings::default()).unwrap();
        let narrow = ratios(&units, &without_overdispersion()).unwrap();
        assert!(wide.phi > 1.0 && wide.tau_squared > 0.0 && narrow.tau_squared == 0.0);
        assert!(wide.limits[0].outer.1 > narrow.limits[0].outer.1);
        assert!(wide.verdicts.iter().all(|verdict| *verdict == Verdict::AsExpected));
        assert!(narrow.verdicts.contains(&Verdict::MuchHigher));
    }
}
