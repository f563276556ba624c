//! Units of an indicator beside each other, in one period: what a funnel or intervals are drawn from.

use crate::{Missing, Period};
use serde::Serialize;

/// Units of an indicator beside each other, in one period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UnitPanel {
    /// The indicator.
    pub id: String,
    /// The period.
    pub period: Period,
    /// `funnel` or `interval`.
    pub form: String,
    /// Total of the units that are shown.
    pub total: Option<f64>,
    /// Overdispersion ratio.
    pub phi: Option<f64>,
    /// Added spread between units, in the indicator's unit; 0 without overdispersion.
    pub tau: Option<f64>,
    /// Why there is no funnel; empty when there is one, or none was asked for.
    pub reason: String,
    /// Rule, version and settings.
    pub method_text: String,
    /// The standard population with its year; none without standardisation.
    pub standard: Option<String>,
}

/// A unit of a panel.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UnitFigure {
    /// Its code.
    pub unit: String,
    /// Its name.
    pub name: String,
    /// Numerator; none when hidden or missing.
    pub numerator: Option<f64>,
    /// Denominator.
    pub denominator: Option<f64>,
    /// The value.
    pub value: Option<f64>,
    /// Why there is none.
    pub missing: Option<Missing>,
    /// Share of the asked that answered.
    pub response_rate: Option<f64>,
    /// Whether too few answered for a judgement.
    pub is_uncertain: bool,
    /// Lower limit: of the funnel at the unit's size, or of its own interval.
    pub low: Option<f64>,
    /// Upper limit.
    pub high: Option<f64>,
    /// Outer lower limit of the funnel.
    pub outer_low: Option<f64>,
    /// Outer upper limit of the funnel.
    pub outer_high: Option<f64>,
    /// `högre än väntat`; empty without a judgement.
    pub verdict: String,
    /// Why there is no judgement.
    pub reason: String,
    /// Directly standardised value.
    pub standardised: Option<f64>,
    /// Its lower limit.
    pub standardised_low: Option<f64>,
    /// Its upper limit.
    pub standardised_high: Option<f64>,
    /// Why there is none.
    pub standardised_reason: String,
}
