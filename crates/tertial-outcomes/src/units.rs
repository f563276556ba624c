//! Units of an indicator beside each other: a funnel or intervals, never a ranking.
//!
//! For indicators whose definition asks for it, each tertial. Hidden units stay hidden and are in no
//! sum; a unit with too few answers is shown without a judgement. The line is the total of the units
//! that are shown. Where the definition names a standard population, each unit's value is also given
//! as if its age mix were that of the standard. What a funnel cannot be drawn for is said, and the
//! units are then shown with intervals, where what is counted has one.

use std::collections::BTreeMap;
use tertial_indicator::funnel::{self, Funnel, Limits, Verdict};
use tertial_indicator::interval::{self, Interval, Stratum};
use tertial_indicator::{Definition, Silence, UnitComparison, UnitCounts, UnitForm};
use tertial_model::{Missing, Outcome, OutcomeMark, Period, Sex, UnitFigure, UnitPanel, swedish};

/// Name of the rule.
const RULE: &str = "enheter";
/// The word in a definition for units that are the query's breakdowns.
const BREAKDOWN: &str = "breakdown";

/// The panels of an indicator, one per period with units, each with its units; none where the
/// definition does not ask for them. `outcomes` are the indicator's own, of both sexes and of tertials.
pub fn panels(
    definition: &Definition,
    levels: &Levels,
    standards: &Standards,
    outcomes: &[Outcome],
) -> Vec<(UnitPanel, Vec<UnitFigure>)> {
    let Some(comparison) = &definition.units else { return Vec::new() };
    let mut by_period: BTreeMap<Period, Vec<&Outcome>> = BTreeMap::new();
    for outcome in outcomes {
        by_period.entry(outcome.period).or_default().push(outcome);
    }
    let panel = Panel { definition, comparison, levels, standards };
    by_period.into_iter().filter_map(|(period, own)| panel.compare(period, &own)).collect()
}

/// The level and name of each unit, in the organisation's order.
pub struct Levels(Vec<(String, String, String)>);

impl Levels {
    /// Of units as id, name and level, in the organisation's order.
    pub fn new(units: Vec<(String, String, String)>) -> Levels {
        Levels(units)
    }

    fn name<'a>(&'a self, unit: &'a str) -> &'a str {
        self.0.iter().find(|(id, _, _)| id == unit).map_or(unit, |(_, name, _)| name)
    }

    fn is_at(&self, unit: &str, level: &str) -> bool {
        self.0.iter().any(|(id, _, own)| id == unit && own == level)
    }

    fn place(&self, unit: &str) -> usize {
        self.0.iter().position(|(id, _, _)| id == unit).unwrap_or(usize::MAX)
    }
}

/// Weights of age groups, and the year, of each standard population.
#[derive(Debug, Default)]
pub struct Standards(BTreeMap<String, (String, BTreeMap<String, f64>)>);

impl Standards {
    /// Takes in an age group of a population.
    pub fn add(&mut self, population: String, year: String, age_group: String, weight: f64) {
        let (_, weights) = self.0.entry(population).or_insert_with(|| (year, BTreeMap::new()));
        weights.insert(age_group, weight);
    }
}

/// One indicator's units beside each other.
struct Panel<'a> {
    definition: &'a Definition,
    comparison: &'a UnitComparison,
    levels: &'a Levels,
    standards: &'a Standards,
}

/// A unit before it is judged.
struct Candidate {
    figure: UnitFigure,
    /// Numerator and denominator, for those that take part.
    counts: Option<(f64, f64)>,
}

impl Panel<'_> {
    fn compare(
        &self,
        period: Period,
        outcomes: &[&Outcome],
    ) -> Option<(UnitPanel, Vec<UnitFigure>)> {
        let mut candidates: Vec<Candidate> = outcomes
            .iter()
            .filter(|outcome| self.is_unit(outcome))
            .map(|outcome| self.candidate(outcome))
            .collect();
        if candidates.is_empty() {
            return None;
        }
        let place = |figure: &UnitFigure| (self.levels.place(&figure.unit), figure.unit.clone());
        candidates.sort_by_key(|candidate| place(&candidate.figure));
        let counts: Vec<(f64, f64)> = candidates.iter().filter_map(|c| c.counts).collect();
        let factor = self.definition.factor.to_f64();
        let total = {
            let sum = |of: fn(&(f64, f64)) -> f64| counts.iter().map(of).sum::<f64>();
            let denominator = sum(|pair| pair.1);
            (denominator > 0.0).then(|| sum(|pair| pair.0) / denominator * factor)
        };
        let mut panel = UnitPanel {
            id: self.definition.id.clone(),
            period,
            form: "funnel".to_owned(),
            total,
            phi: None,
            tau: None,
            reason: String::new(),
            method_text: String::new(),
            standard: self.standard_label(),
        };
        let drawn = match self.comparison.form {
            UnitForm::Funnel => self.funnel(&counts),
            UnitForm::Interval => Err(Silence::new("")),
        };
        match drawn {
            Ok(drawn) => self.place_limits(&mut panel, &mut candidates, &drawn),
            Err(silence) => {
                panel.reason = silence.reason;
                self.place_intervals(&mut panel, &mut candidates, total);
            }
        }
        let mut figures: Vec<UnitFigure> = candidates.into_iter().map(|c| c.figure).collect();
        self.standardise(&mut figures, outcomes);
        Some((panel, figures))
    }

    fn is_unit(&self, outcome: &Outcome) -> bool {
        match self.comparison.of.as_str() {
            BREAKDOWN => {
                !outcome.breakdown.is_empty() && !self.is_stratum_of_any(&outcome.breakdown)
            }
            level => outcome.breakdown.is_empty() && self.levels.is_at(&outcome.level, level),
        }
    }

    /// Whether a breakdown is an age group of a unit: `Åre, 0-4`.
    fn is_stratum_of_any(&self, breakdown: &str) -> bool {
        let Some((_, group)) = breakdown.rsplit_once(", ") else { return false };
        self.weights().is_some_and(|weights| weights.contains_key(group))
    }

    /// The age groups of the standard population and their weights.
    fn weights(&self) -> Option<&BTreeMap<String, f64>> {
        let name = self.definition.standard_population.as_ref()?;
        self.standards.0.get(name).map(|(_, weights)| weights)
    }

    fn candidate(&self, outcome: &Outcome) -> Candidate {
        let is_breakdown = self.comparison.of == BREAKDOWN;
        let (unit, name) = if is_breakdown {
            (outcome.breakdown.clone(), outcome.breakdown.clone())
        } else {
            (outcome.level.clone(), self.levels.name(&outcome.level).to_owned())
        };
        let rate = outcome.response.and_then(|response| response.rate_pct());
        let is_uncertain = outcome.mark == Some(OutcomeMark::Uncertain);
        let pair = outcome.numerator.zip(outcome.denominator);
        let counts = pair
            .filter(|_| outcome.missing.is_none() && !is_uncertain)
            .map(|(numerator, denominator)| (numerator.to_f64(), denominator.to_f64()))
            .filter(|(_, denominator)| *denominator > 0.0);
        let (verdict, reason) = match (is_uncertain, rate) {
            (true, Some(rate)) => {
                let percent = swedish::with_unit(&swedish::float(rate, 0), "%");
                ("bedöms inte", format!("svarsfrekvens {percent}"))
            }
            (true, None) => ("bedöms inte", "källan kallar värdet osäkert".to_owned()),
            _ => ("", outcome.missing.map_or(String::new(), |kind| kind.word().to_owned())),
        };
        Candidate {
            figure: UnitFigure {
                unit,
                name,
                numerator: outcome.numerator.map(|part| part.to_f64()),
                denominator: outcome.denominator.map(|part| part.to_f64()),
                value: outcome.value,
                missing: outcome.missing,
                response_rate: rate.map(|rate| rate / 100.0),
                is_uncertain,
                low: None,
                high: None,
                outer_low: None,
                outer_high: None,
                verdict: verdict.to_owned(),
                reason,
                standardised: None,
                standardised_low: None,
                standardised_high: None,
                standardised_reason: String::new(),
            },
            counts,
        }
    }

    fn funnel(&self, counts: &[(f64, f64)]) -> Result<Funnel, Silence> {
        let settings = funnel::Settings::default();
        let unit = |(numerator, denominator): &(f64, f64)| funnel::Unit {
            numerator: *numerator,
            denominator: *denominator,
        };
        match self.comparison.counts {
            UnitCounts::Shares => {
                funnel::shares(&counts.iter().map(unit).collect::<Vec<_>>(), &settings)
            }
            UnitCounts::Amounts => {
                let units: Vec<_> = counts.iter().map(unit).collect();
                let drawn = funnel::shares(&units, &settings)?;
                if drawn.tau_squared > 0.0 {
                    return Ok(drawn);
                }
                Err(Silence::new(
                    "spridningen mellan enheterna är för liten för gränser på mängder",
                ))
            }
            UnitCounts::Events => {
                let numerators: f64 = counts.iter().map(|pair| pair.0).sum();
                let denominators: f64 = counts.iter().map(|pair| pair.1).sum();
                if denominators <= 0.0 {
                    return Err(Silence::new("enheterna saknar nämnare"));
                }
                // The limits are those of observed against expected, on the scale of the rate.
                let rate = numerators / denominators;
                let expected: Vec<_> = counts
                    .iter()
                    .map(|(numerator, denominator)| funnel::Unit {
                        numerator: *numerator,
                        denominator: denominator * rate,
                    })
                    .collect();
                let mut drawn = funnel::ratios(&expected, &settings)?;
                let scaled = |(low, high): (f64, f64)| (low * rate, high * rate);
                for limits in &mut drawn.limits {
                    *limits = Limits { inner: scaled(limits.inner), outer: scaled(limits.outer) };
                }
                drawn.total = rate;
                Ok(drawn)
            }
        }
    }

    fn place_limits(&self, panel: &mut UnitPanel, candidates: &mut [Candidate], drawn: &Funnel) {
        let factor = self.definition.factor.to_f64();
        panel.phi = Some(drawn.phi);
        panel.tau = Some(drawn.tau_squared.sqrt() * factor);
        panel.method_text = format!(
            "regel {RULE}, trattdiagram version {}; gränser 95 % och 99,8 % kring totalen av \
             visade enheter; {}; minst 10 enheter",
            funnel::VERSION,
            if drawn.tau_squared > 0.0 {
                format!("vidgade för överspridning, φ = {}", swedish::float(drawn.phi, 1))
            } else {
                format!("ingen överspridning, φ = {}", swedish::float(drawn.phi, 1))
            }
        );
        let judged = candidates.iter_mut().filter(|candidate| candidate.counts.is_some());
        for (candidate, (limits, verdict)) in judged.zip(drawn.limits.iter().zip(&drawn.verdicts)) {
            let figure = &mut candidate.figure;
            figure.low = Some(limits.inner.0 * factor);
            figure.high = Some(limits.inner.1 * factor);
            figure.outer_low = Some(limits.outer.0 * factor);
            figure.outer_high = Some(limits.outer.1 * factor);
            verdict.word().clone_into(&mut figure.verdict);
        }
    }

    /// Each unit's own interval, and whether it holds the total.
    fn place_intervals(
        &self,
        panel: &mut UnitPanel,
        candidates: &mut [Candidate],
        total: Option<f64>,
    ) {
        "interval".clone_into(&mut panel.form);
        let settings = interval::Settings::default();
        let method = match self.comparison.counts {
            UnitCounts::Shares => "Wilsons intervall",
            UnitCounts::Events => "Byars intervall, exakt under tio händelser",
            UnitCounts::Amounts => {
                panel.method_text = format!(
                    "regel {RULE}, version {}; mängder har inget intervall",
                    interval::VERSION
                );
                return;
            }
        };
        panel.method_text =
            format!("regel {RULE}, intervall version {}; {method}, 95 %", interval::VERSION);
        let factor = self.definition.factor.to_f64();
        for candidate in candidates {
            let Some((numerator, denominator)) = candidate.counts else { continue };
            let found = match self.comparison.counts {
                UnitCounts::Shares => interval::wilson(numerator, denominator, settings.level),
                _ => interval::rate(numerator, denominator, &settings),
            };
            match found.map(|found: Interval| found.times(factor)) {
                Ok(found) => {
                    candidate.figure.low = Some(found.low);
                    candidate.figure.high = Some(found.high);
                    let verdict = match total {
                        Some(total) if found.low > total => Verdict::Higher,
                        Some(total) if found.high < total => Verdict::Lower,
                        _ => Verdict::AsExpected,
                    };
                    verdict.word().clone_into(&mut candidate.figure.verdict);
                }
                Err(silence) => candidate.figure.reason = silence.reason,
            }
        }
    }

    fn standard_label(&self) -> Option<String> {
        let name = self.definition.standard_population.as_ref()?;
        let (year, _) = self.standards.0.get(name)?;
        Some(format!("{name} ({year})"))
    }

    /// Each unit's value as if its age groups were as large as the standard's.
    fn standardise(&self, figures: &mut [UnitFigure], outcomes: &[&Outcome]) {
        let Some(name) = &self.definition.standard_population else { return };
        let settings = interval::Settings::default();
        for figure in figures.iter_mut().filter(|figure| figure.missing.is_none()) {
            let found = self.strata(name, figure, outcomes).and_then(|strata| {
                interval::direct(&strata, &settings)
                    .map(|found| found.times(self.definition.factor.to_f64()))
            });
            match found {
                Ok(found) => {
                    figure.standardised = Some(found.value);
                    figure.standardised_low = Some(found.low);
                    figure.standardised_high = Some(found.high);
                }
                Err(silence) => figure.standardised_reason = silence.reason,
            }
        }
    }

    fn strata(
        &self,
        name: &str,
        figure: &UnitFigure,
        outcomes: &[&Outcome],
    ) -> Result<Vec<Stratum>, Silence> {
        let Some(weights) = self.weights() else {
            return Err(Silence::new(format!("standardbefolkningen {name} finns inte")));
        };
        let is_breakdown = self.comparison.of == BREAKDOWN;
        let of_group = |group: &str| {
            outcomes.iter().find(|outcome| {
                outcome.sex == Sex::T
                    && match is_breakdown {
                        true => outcome.breakdown == format!("{}, {group}", figure.unit),
                        false => outcome.level == figure.unit && outcome.breakdown == group,
                    }
            })
        };
        weights
            .iter()
            .map(|(group, weight)| {
                let own = of_group(group)
                    .ok_or_else(|| Silence::new(format!("åldersgruppen {group} saknas")))?;
                if own.missing == Some(Missing::Suppressed) {
                    return Err(Silence::new("en åldersgrupp är dold"));
                }
                let parts = own.numerator.zip(own.denominator);
                let (count, population) = parts
                    .ok_or_else(|| Silence::new(format!("åldersgruppen {group} saknar värde")))?;
                Ok(Stratum {
                    count: count.to_f64(),
                    population: population.to_f64(),
                    standard: *weight,
                })
            })
            .collect()
    }
}
