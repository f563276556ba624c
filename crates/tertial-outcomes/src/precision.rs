//! How finely figures about persons are told outside the warehouse: ratios as they are printed, and
//! nothing finer.
//!
//! Exact numerators and denominators of a ratio about persons stay in the warehouse for statisticians. In
//! the public database and in every format of the report the ratio has its printed decimals, and what is
//! worked out from it (attainment) or could be turned back into it (limits, forecasts) is no finer.
//! A count of persons is printed in full and told in full. That a ratio tells its numerator only to
//! within its printed digits protects the few that are left of a whole.
//!
//! Nothing is rounded before it is used: everything is worked out from exact figures and rounded
//! where it leaves.

use crate::difference::Change;
use std::collections::BTreeMap;
use tertial_indicator::Definition;
use tertial_model::{Decimal, Outcome, Signal, SignalPoint, UnitFigure, UnitPanel, swedish};

/// Digits of a size: enough to place a unit in its funnel.
pub const SIZE_DIGITS: i32 = 2;

/// Whether an indicator is about persons, so that its ratios are told as printed.
pub fn is_about_persons(definition: &Definition) -> bool {
    definition.suppress_max.is_some()
}

/// Whether a figure of an indicator is told as it is printed: it is a ratio, and about persons.
pub fn is_as_printed(definition: &Definition, has_denominator: bool) -> bool {
    has_denominator && is_about_persons(definition)
}

/// The indicators about persons, whose figures are told as printed.
#[derive(Debug)]
pub struct AboutPersons<'a>(BTreeMap<&'a str, &'a Definition>);

impl<'a> AboutPersons<'a> {
    /// Those among definitions.
    pub fn among(definitions: impl Iterator<Item = &'a Definition>) -> AboutPersons<'a> {
        let persons = definitions.filter(|one| is_about_persons(one));
        AboutPersons(persons.map(|one| (one.id.as_str(), one)).collect())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an indicator is one of them.
    pub fn holds(&self, indicator: &str) -> bool {
        self.0.contains_key(indicator)
    }

    /// Their definitions, by id.
    pub fn iter(&self) -> impl Iterator<Item = &'a Definition> {
        self.0.values().copied()
    }

    /// An outcome as a report tells it.
    pub fn outcome(&self, outcome: &mut Outcome) {
        if !self.holds(&outcome.id) || outcome.denominator.is_none() {
            return;
        }
        outcome.value = outcome.value.map(|value| printed(value, outcome.decimals));
        outcome.numerator = None;
        outcome.denominator = None;
        outcome.attainment = None;
        outcome.response = None;
    }

    /// An answer as a report tells it.
    pub fn signal(&self, signal: &mut Signal) {
        let Some(definition) = self.0.get(signal.id.as_str()) else { return };
        for value in [
            &mut signal.mean,
            &mut signal.lower_limit,
            &mut signal.upper_limit,
            &mut signal.slope,
            &mut signal.forecast,
            &mut signal.forecast_low,
            &mut signal.forecast_high,
            &mut signal.mean_error,
            &mut signal.last_error,
        ] {
            *value = value.map(|value| printed(value, definition.decimals));
        }
    }

    /// A month behind an answer as a report tells it.
    pub fn signal_point(&self, point: &mut SignalPoint) {
        let Some(definition) = self.0.get(point.id.as_str()) else { return };
        point.value = printed(point.value, definition.decimals);
        point.judged = printed(point.judged, definition.decimals);
    }

    /// Units beside each other as a report tells them.
    pub fn units(&self, panel: &mut UnitPanel, figures: &mut [UnitFigure]) {
        let Some(definition) = self.0.get(panel.id.as_str()) else { return };
        let coarse = |value: &mut Option<f64>| {
            *value = value.map(|value| printed(value, definition.decimals));
        };
        coarse(&mut panel.total);
        coarse(&mut panel.tau);
        coarse(&mut panel.phi);
        for figure in figures {
            for value in [
                &mut figure.value,
                &mut figure.low,
                &mut figure.high,
                &mut figure.outer_low,
                &mut figure.outer_high,
                &mut figure.standardised,
                &mut figure.standardised_low,
                &mut figure.standardised_high,
            ] {
                coarse(value);
            }
            figure.numerator = None;
            figure.denominator = figure.denominator.map(size);
        }
    }
}

/// Why a figure changed, as a report tells it: how many rows came tells how many persons they are of.
pub fn reasons(definition: Option<&Definition>, change: &Change) -> Vec<String> {
    let is_coarse = definition.is_some_and(is_about_persons);
    let told = |reason: &crate::difference::Reason| match is_coarse {
        true => reason.kind.word().to_owned(),
        false => format!("{}: {}", reason.kind.word(), reason.text),
    };
    let mut told: Vec<String> = change.reasons.iter().map(told).collect();
    if is_coarse {
        told.dedup();
    }
    told
}

/// A number of rows as a report tells it, in whole hundreds where they are about persons.
pub fn rows(count: i64, concerns_persons: bool) -> i64 {
    if concerns_persons { (count + 50) / 100 * 100 } else { count }
}

/// A value as it is printed.
pub fn printed(value: f64, decimals: u8) -> f64 {
    let exact = swedish::from_float(value).and_then(|exact| exact.rescale(decimals));
    exact.map_or(value, Decimal::to_f64)
}

/// A size with its first digits.
fn size(size: f64) -> f64 {
    if size <= 0.0 || !size.is_finite() {
        return size;
    }
    // By its decimal digits: a product such as 73 × 0,1 has a binary tail.
    format!("{size:.*e}", SIZE_DIGITS as usize - 1).parse().unwrap_or(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_two_digits() {
        assert_eq!(
            [size(12_345.6), size(99.6), size(7.26), size(0.0)],
            [12_000.0, 100.0, 7.3, 0.0]
        );
    }
}
